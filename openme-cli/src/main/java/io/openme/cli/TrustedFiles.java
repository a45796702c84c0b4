package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.tls.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What a doorman reads and believes: its configuration, and the files that this names. */
final class TrustedFiles {
    private TrustedFiles() {}

    /**
     * Warns, once for each place, of files that others can write or replace, and of secrets that others can read. A service's
     * files are often its group's, so none of it is an error.
     *
     * @param groupReads whether the group of a secret may read it
     */
    static void warn(
            Path file, Configuration configuration, Writers writers, boolean groupReads, Consumer<String> warn) {
        Configuration.IdentityFiles identity = configuration.identity();
        List<Path> believed = new ArrayList<>(List.of(file, identity.certificate(), identity.key()));
        identity.passphrase().ifPresent(believed::add);
        believed.add(configuration.clients().ca());
        configuration.clients().crl().ifPresent(believed::add);
        warn(believed, writers, warn);
        if (!groupReads || SplitOptions.isEverybodys(identity.key())) {
            Identity.tooOpen(identity.key()).ifPresent(warn);
        }
        identity.passphrase()
                .filter(SplitOptions::isEverybodys)
                .ifPresent(secret -> warn.accept(
                        "everybody can read the passphrase file " + secret + "; run: chmod o-r '" + secret + "'"));
    }

    /** Warns, once for each place, of files or directories that others can write or replace. */
    static void warn(List<Path> believed, Writers writers, Consumer<String> warn) {
        Set<String> reasons = new LinkedHashSet<>();
        believed.forEach(each -> others(each, writers).ifPresent(reasons::add));
        reasons.forEach(reason -> warn.accept(
                reason + ", and so say who gets in; let only root and this user write there (chown, chmod go-w)"));
    }

    private static Optional<String> others(Path file, Writers writers) {
        try {
            return writers.others(file);
        } catch (IOException e) {
            // Whoever reads it says what is wrong with it.
            return Optional.empty();
        }
    }
}
