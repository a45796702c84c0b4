package io.openme.cli.config;

import java.nio.file.Path;

/** Where grants outlive a restart. */
public sealed interface Memory {
    /** What a file says to have none. */
    String NONE = "none";

    /** Where this host keeps such things, under a name that no other doorman has. */
    record Usual() implements Memory {}

    /** Nowhere: a restart closes everything. */
    record None() implements Memory {}

    /**
     * In this directory.
     *
     * @param path of it
     */
    record Directory(Path path) implements Memory {}
}
