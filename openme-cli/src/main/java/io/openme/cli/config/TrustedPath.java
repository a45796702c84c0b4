package io.openme.cli.config;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;

/**
 * Looks at a path as the kernel walks it: each directory from the root on, each link and where it leads. If nobody else could
 * change one of these, the same name leads to the same file afterwards.
 */
public final class TrustedPath {
    private static final int STICKY = 01000;
    /** As many as the kernel follows. */
    private static final int MOST_LINKS = 40;

    private final Set<String> owners;
    private final boolean ownGroups;

    private final Deque<Path> rest = new ArrayDeque<>();
    private Path at = Path.of("/");

    private TrustedPath(Set<String> owners, boolean ownGroups) {
        this.owners = owners;
        this.ownGroups = ownGroups;
    }

    /**
     * Walks there.
     *
     * @param owners the names of the users who may change it
     * @param ownGroups whether a user's own group, which many systems give each user, counts as that user
     * @throws Foreign if somebody else can change it, or put something else in its place
     * @throws IOException if it is not there, or can't be looked at
     * @throws UnsupportedOperationException if the file system knows no owners
     */
    public static void require(Path path, Set<String> owners, boolean ownGroups) throws IOException {
        new TrustedPath(owners, ownGroups).walk(path.toAbsolutePath());
    }

    private void walk(Path path) throws IOException {
        check(at, attributes(at));
        path.forEach(rest::add);
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.remove().toString();
            if (name.equals("..")) {
                at = Objects.requireNonNullElse(at.getParent(), at);
            } else if (!name.isEmpty() && !name.equals(".")) {
                Path next = at.resolve(name);
                PosixFileAttributes attributes = attributes(next);
                check(next, attributes);
                if (!attributes.isSymbolicLink()) {
                    at = next;
                } else if (++links > MOST_LINKS) {
                    throw new FileSystemLoopException(path.toString());
                } else {
                    follow(Files.readSymbolicLink(next));
                }
            }
        }
    }

    private void follow(Path target) {
        Deque<Path> names = new ArrayDeque<>();
        target.forEach(names::push);
        names.forEach(rest::push);
        if (target.isAbsolute()) {
            at = Path.of("/");
        }
    }

    private void check(Path each, PosixFileAttributes attributes) throws IOException {
        String owner = attributes.owner().getName();
        // Whoever made a link chose what it leads to.
        if (!owners.contains(owner)) {
            throw new Foreign(each + " belongs to " + owner, "chown root " + each);
        }
        // In a sticky directory, such as /tmp, nobody replaces what is another's.
        boolean sticky = attributes.isDirectory()
                && ((int) Files.getAttribute(each, "unix:mode", LinkOption.NOFOLLOW_LINKS) & STICKY) != 0;
        if (!attributes.isSymbolicLink() && !sticky && othersWrite(attributes, owner)) {
            throw new Foreign("others than " + owner + " can write " + each, "chmod go-w " + each);
        }
    }

    private boolean othersWrite(PosixFileAttributes attributes, String owner) {
        Set<PosixFilePermission> permissions = attributes.permissions();
        boolean shared = !ownGroups || !attributes.group().getName().equals(owner);
        return permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || (shared && permissions.contains(PosixFilePermission.GROUP_WRITE));
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Somebody else can change it. */
    public static final class Foreign extends IOException {
        private static final long serialVersionUID = 1L;

        private final String what;
        private final String wayOut;

        private Foreign(String what, String wayOut) {
            super(what);
            this.what = what;
            this.wayOut = wayOut;
        }

        /** What is wrong with which file or directory. */
        public String what() {
            return what;
        }

        /** A command that mends it. */
        public String wayOut() {
            return wayOut;
        }
    }
}
