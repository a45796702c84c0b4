package io.openme.cli.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A program in the place of nft that goes wrong when it is told to: each file {@code fault.N} of its directory is taken
 * by one run, which does as it says. What it says about the commit is true: a real nft does not claim to have failed
 * harmlessly when it has not.
 */
final class FaultyNft {
    /** What can go wrong; a name is what the script knows it by. */
    enum Fault {
        FAILS_BEFORE,
        REFUSED,
        SET_FULL,
        TOO_MANY_FILES,
        CLAIMS_STATE_LOST,
        KILLED_BEFORE,
        KILLED_AFTER,
        FAILS_AFTER,
        HANGS_BEFORE,
        HANGS_AFTER,
        SLOW,
        PRINTS_NONSENSE,
        FLUSHED_AFTER,
        GUTTED_AFTER
    }

    private static final String SCRIPT = """
            #!/bin/sh
            cd 'DIRECTORY' || exit 9
            mode=
            for fault in fault.*; do
              [ -e "$fault" ] || exec nft "$@"
              if mv "$fault" taken.$$ 2>/dev/null; then read -r mode < taken.$$; break; fi
            done
            case $mode in
            FAILS_BEFORE) echo 'netlink: Error: Device or resource busy' >&2; exit 1 ;;
            REFUSED) echo 'Error: Could not process rule: Operation not permitted (you must be root)' >&2; exit 1 ;;
            SET_FULL) echo '/dev/stdin:1:1-9: Error: Could not process rule: Too many open files in system' >&2; exit 1 ;;
            TOO_MANY_FILES) echo 'Unable to initialize Netlink socket: Too many open files' >&2; exit 1 ;;
            CLAIMS_STATE_LOST) echo '/dev/stdin:1:1-9: Error: No such file or directory' >&2; exit 1 ;;
            KILLED_BEFORE) kill -9 $$ ;;
            KILLED_AFTER) nft "$@"; kill -9 $$ ;;
            FAILS_AFTER) nft "$@" >/dev/null 2>&1; echo 'free(): invalid pointer' >&2; exit 134 ;;
            HANGS_BEFORE) sleep 60; exit 1 ;;
            HANGS_AFTER) nft "$@"; sleep 60; exit 0 ;;
            SLOW) sleep 0.25; exec nft "$@" ;;
            PRINTS_NONSENSE) nft "$@" >/dev/null 2>&1; code=$?; printf '\\377\\001 } what? { elements = {\\n'; exit $code ;;
            FLUSHED_AFTER) nft "$@"; code=$?; nft flush ruleset; exit $code ;;
            GUTTED_AFTER) nft "$@"; code=$?; nft flush chain inet openme guard; exit $code ;;
            *) exec nft "$@" ;;
            esac
            """;

    private final Path directory;
    private final Path script;
    private int armed;

    FaultyNft(Path directory) throws IOException {
        this.directory = Files.createDirectory(directory.resolve("faults"));
        this.script =
                Files.writeString(directory.resolve("faulty-nft"), SCRIPT.replace("DIRECTORY", "" + this.directory));
        if (!script.toFile().setExecutable(true)) {
            throw new IOException("can't make " + script + " executable");
        }
    }

    Path script() {
        return script;
    }

    /** One of the next runs goes wrong like this. */
    void arm(Fault fault) throws IOException {
        // Whole or not at all: a run may look at any time.
        Path written = Files.writeString(directory.resolve("new"), fault + "\n");
        Files.move(written, directory.resolve("fault." + armed++));
    }

    /** Nothing goes wrong any more, once what is going wrong has ended. */
    void disarm() throws IOException, InterruptedException {
        for (Path fault : files("fault.")) {
            Files.deleteIfExists(fault);
        }
        for (Path taken : files("taken.")) {
            long pid = Long.parseLong(taken.getFileName().toString().substring("taken.".length()));
            Optional<ProcessHandle> run = ProcessHandle.of(pid);
            if (run.isPresent()) {
                run.get().onExit().join();
            }
            Files.deleteIfExists(taken);
        }
    }

    private List<Path> files(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }
}
