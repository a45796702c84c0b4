package io.openme.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the configuration that nobody named. It says which program changes the firewall, so one that lies in the working
 * directory is taken only if nobody else could have put it there.
 */
final class ConfigurationFile {
    private static final Path HERE = Path.of("config.yaml");
    private static final int STICKY = 01000;

    private ConfigurationFile() {}

    /** The file in the working directory, if there is one. */
    static Optional<Path> here(Map<String, String> environment) {
        return Files.exists(HERE) ? Optional.of(ours(HERE, environment)) : Optional.empty();
    }

    /**
     * This file.
     *
     * @throws UsageException if others than this user, root, and whoever became this user by sudo can write it
     */
    static Path ours(Path file, Map<String, String> environment) {
        othersCanWrite(file, us(environment)).ifPresent(reason -> {
            throw new UsageException(reason + ", and it could make this program run what they like; if it is the right"
                    + " one, name it: -c " + file);
        });
        return file;
    }

    private static Optional<String> othersCanWrite(Path file, Set<String> us) {
        try {
            // Whoever made a link chose what it leads to.
            String linker = Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName();
            if (!us.contains(linker)) {
                return Optional.of(file + " belongs to " + linker);
            }
            for (Path each = file.toRealPath(); each != null; each = each.getParent()) {
                PosixFileAttributes attributes = Files.readAttributes(each, PosixFileAttributes.class);
                String owner = attributes.owner().getName();
                if (!us.contains(owner)) {
                    return Optional.of(each + " belongs to " + owner);
                }
                // In a sticky directory, such as /tmp, nobody replaces what is another's.
                boolean sticky =
                        attributes.isDirectory() && ((int) Files.getAttribute(each, "unix:mode") & STICKY) != 0;
                if (!sticky && othersWrite(attributes, owner)) {
                    return Optional.of("others than " + owner + " can write " + each);
                }
            }
            return Optional.empty();
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UsageException("can't look at the configuration " + file + " (" + e + "); check the path", e);
        }
    }

    private static boolean othersWrite(PosixFileAttributes attributes, String owner) {
        Set<PosixFilePermission> permissions = attributes.permissions();
        // The group that many systems give each user has nobody else.
        boolean shared = !attributes.group().getName().equals(owner);
        return permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || (shared && permissions.contains(PosixFilePermission.GROUP_WRITE));
    }

    private static Set<String> us(Map<String, String> environment) {
        Set<String> us = new HashSet<>(Set.of("root"));
        ProcessHandle.current().info().user().ifPresent(us::add);
        Optional.ofNullable(environment.get("SUDO_USER")).ifPresent(us::add);
        return us;
    }
}
