package io.openme.cli.split;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.OpenmeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** What runs as a {@link Peer}, with no capability, no way to get one, and no terminal. */
final class Unprivileged {
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(10));

    private final Peer peer;
    private final List<String> prefix;

    /** @throws OpenmeException if the host has no setpriv or no setsid */
    Unprivileged(Peer peer) {
        this.peer = peer;
        prefix = List.of(
                // Who is in a session can open its terminal, and type there what root's shell then reads. What a JVM
                // starts leads no group, so that this makes no further process.
                program("setsid"),
                program("setpriv"),
                "--reuid=" + peer.uid(),
                "--regid=" + peer.gid(),
                // Those that the administrator gave this user, such as to read a key; none of this process's.
                "--init-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                // It does not outlive this process, which alone can open something.
                "--pdeathsig=TERM",
                "--");
    }

    /** This command, by the user. */
    List<String> command(List<String> command) {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(command);
        return words;
    }

    /** @throws OpenmeException if the user can't read one of them, by the kernel's own answer */
    void requireReadable(Collection<Path> files) {
        for (Path file : files) {
            CommandResult result = run(command(List.of("test", "-r", file.toString())));
            if (result.exitCode() == 1) {
                throw new OpenmeException("user " + peer.name() + " can't read " + file + "; let its group: chgrp "
                        + peer.gid() + " " + file + " && chmod 640 " + file
                        + ", and have that user pass through the directories above it");
            }
            if (!result.succeeded()) {
                throw new OpenmeException("nothing can be run as user " + peer.name() + ": "
                        + result.errors().strip() + "; --split takes root's rights");
            }
        }
    }

    private static CommandResult run(List<String> command) {
        try {
            return new CommandRunner(List.of()).run(command, new byte[0], LIMITS);
        } catch (CommandException e) {
            throw new OpenmeException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String program(String name) {
        return Stream.of("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/")
                .map(directory -> directory + name)
                .filter(program -> Files.isExecutable(Path.of(program)))
                .findFirst()
                .orElseThrow(
                        () -> new OpenmeException(name + " is not installed, which --split takes; on Debian it is in"
                                + " the package util-linux, on Alpine in "
                                + (name.equals("setpriv") ? name : "util-linux-misc")));
    }
}
