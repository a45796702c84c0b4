package io.openme.cli.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Who this process runs as. */
public final class ThisUser {
    private ThisUser() {}

    /**
     * What the owner of root's files and of this user's may be called: the name, or the number where the host has no name for
     * him.
     */
    public static Set<String> andRoot() {
        Set<String> names = new HashSet<>(Set.of("root"));
        ProcessHandle.current().info().user().ifPresent(names::add);
        try {
            names.add(Files.getOwner(Path.of("/proc/self")).getName());
        } catch (IOException | UnsupportedOperationException e) {
            // There is none where there is no /proc; the name is there then.
        }
        return names;
    }
}
