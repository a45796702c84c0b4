package io.openme.cli;

import io.openme.cli.config.ThisUser;
import io.openme.cli.config.TrustedPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may write what this program believes: its user, root, and whoever became this user by sudo.
 *
 * @param us their names
 */
record Writers(Set<String> us) {
    static Writers of(Map<String, String> environment) {
        Set<String> us = ThisUser.andRoot();
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
            TrustedPath.require(file, us, true);
            return Optional.empty();
        } catch (TrustedPath.Foreign e) {
            return Optional.of(e.what());
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
