package io.openme.cli;

import java.util.Set;
import picocli.CommandLine.Option;

/** Lets a person think twice. */
final class Consent {
    private static final Set<String> YES = Set.of("y", "Y", "yes", "Yes", "YES");

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask first.")
    private boolean given;

    /**
     * Returns if the person agrees.
     *
     * @param warning what will happen, a sentence without its full stop
     * @param wayOut what else can be done by somebody who can't be asked, or does not agree
     */
    void require(Terminal terminal, String warning, String wayOut) {
        if (given) {
            return;
        }
        if (!terminal.isThere()) {
            throw new UsageException(warning + "; nobody can be asked whether that is meant, as there is no terminal. "
                    + wayOut + ", or say --yes");
        }
        if (terminal.ask("openme: " + warning + ". Go on? [y/N]")
                .map(String::strip)
                .filter(YES::contains)
                .isEmpty()) {
            throw new UsageException("nothing was done, as the answer was not yes. " + wayOut);
        }
    }
}
