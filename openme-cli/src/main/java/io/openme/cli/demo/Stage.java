package io.openme.cli.demo;

import io.openme.doorman.DoormanBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Where the story happens. */
public interface Stage extends AutoCloseable {
    /** What kind of firewall it is, and why not the other. */
    String description();

    /** Where the doorman and the guarded server are. */
    InetAddress server();

    /** The guarded server's port. */
    int webPort();

    /** Where Alice is. */
    InetAddress alice();

    /** Where a stranger is, if this stage has room for one. */
    Optional<InetAddress> stranger();

    /** Sets the firewall and the address to listen on. */
    DoormanBuilder prepare(DoormanBuilder builder);

    /** Runs a command of this program on the visitors' side. */
    Program visitors();

    /** What the firewall itself shows of its openings, if it does. */
    List<String> evidence();

    @Override
    void close();

    /** Something that runs commands of this program. */
    @FunctionalInterface
    interface Program {
        /** Runs a command to its end. */
        Said run(String... arguments);

        /**
         * How a command ended.
         *
         * @param exitCode its exit code
         * @param text what it printed
         */
        record Said(int exitCode, String text) {}
    }
}
