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
 * Who may write what this program believes: its user, root, and whoever became this user by sudo.
 *
 * @param us their names
 */
record Writers(Set<String> us) {
    private static final int STICKY = 01000;

    static Writers of(Map<String, String> environment) {
        Set<String> us = new HashSet<>(Set.of("root"));
        ProcessHandle.current().info().user().ifPresent(us::add);
        Optional.ofNullable(environment.get("SUDO_USER")).ifPresent(us::add);
        return new Writers(us);
    }

    /**
     * How somebody else can write this file or directory, or put another in its place; empty if nobody can, or the file system
     * does not tell.
     *
     * @throws IOException if it can't be looked at
     */
    Optional<String> others(Path file) throws IOException {
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
        }
    }

    private static boolean othersWrite(PosixFileAttributes attributes, String owner) {
        Set<PosixFilePermission> permissions = attributes.permissions();
        // The group that many systems give each user has nobody else.
        boolean shared = !attributes.group().getName().equals(owner);
        return permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || (shared && permissions.contains(PosixFilePermission.GROUP_WRITE));
    }
}
