package io.openme.cli.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Goes before the firewall's tool and makes it go wrong when it is told to: each file {@code fault.N} of its directory is
 * taken by one run, which does as it says. What it says about the commit is true: a real tool does not claim to have failed
 * harmlessly when it has not.
 */
final class FaultyTool {
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
        OUTLIVES_ITS_KILLER,
        SLOW,
        PRINTS_NONSENSE,
        FLUSHED_AFTER,
        GUTTED_AFTER
    }

    private static final String SCRIPT = """
            #!/bin/sh
            cd '@DIRECTORY@' || exit 9
            [ "$1" != cat ] || exec "$@"
            mode=
            for fault in fault.*; do
              [ -e "$fault" ] || exec "$@"
              if mv "$fault" taken.$$ 2>/dev/null; then read -r mode < taken.$$; break; fi
            done
            case $mode in
            FAILS_BEFORE) echo 'Device or resource busy' >&2; exit 1 ;;
            REFUSED) echo 'Operation not permitted (you must be root)' >&2; exit 1 ;;
            SET_FULL) @SET_FULL@ ;;
            TOO_MANY_FILES) echo 'Unable to initialize Netlink socket: Too many open files' >&2; exit 1 ;;
            CLAIMS_STATE_LOST) @STATE_LOST@ ;;
            KILLED_BEFORE) kill -9 $$ ;;
            KILLED_AFTER) "$@"; kill -9 $$ ;;
            FAILS_AFTER) "$@" >/dev/null 2>&1; echo 'free(): invalid pointer' >&2; exit 134 ;;
            HANGS_BEFORE) sleep 600; exit 1 ;;
            HANGS_AFTER) "$@"; sleep 600; exit 0 ;;
            OUTLIVES_ITS_KILLER)
              cat > input.$$
              (setsid sh -c 'echo > outlives.$$; input=$1; shift; sleep @LATER@; exec "$@" < "$input"' sh input.$$ "$@" &)
              sleep 600; exit 1 ;;
            SLOW) sleep 0.25; exec "$@" ;;
            PRINTS_NONSENSE) "$@" >/dev/null 2>&1; code=$?; printf '\\377\\001 } what? { elements = {\\n'; exit $code ;;
            FLUSHED_AFTER) "$@"; code=$?; @FLUSH@; exit $code ;;
            GUTTED_AFTER) "$@"; code=$?; @GUT@; exit $code ;;
            *) exec "$@" ;;
            esac
            """;

    private final Path directory;
    private final Path script;
    private int armed;

    /**
     * Makes the script.
     *
     * @param words what the backend's tool says and what empties its part of the firewall, by the names in the script
     * @param later when a run that outlives its killer does its work
     */
    FaultyTool(Path directory, Map<String, String> words, Duration later) throws IOException {
        this.directory = Files.createDirectory(directory.resolve("faults"));
        String text = SCRIPT.replace("@DIRECTORY@", "" + this.directory)
                .replace("@LATER@", String.format(Locale.ROOT, "%.1f", later.toMillis() / 1000.0));
        for (Map.Entry<String, String> word : words.entrySet()) {
            text = text.replace("@" + word.getKey() + "@", word.getValue());
        }
        this.script = Files.writeString(directory.resolve("faulty"), text);
        if (!script.toFile().setExecutable(true)) {
            throw new IOException("can't make " + script + " executable");
        }
    }

    /** What goes before a command of the tool. */
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
    void disarm() throws IOException {
        for (Path fault : files("fault.")) {
            Files.deleteIfExists(fault);
        }
        for (String kind : List.of("taken.", "outlives.")) {
            for (Path left : files(kind)) {
                process(left, kind).ifPresent(run -> run.onExit().join());
                Files.deleteIfExists(left);
            }
        }
    }

    /** As a service manager does with what is left of a service before it starts it anew. */
    void killOutliving() throws IOException {
        for (Path left : files("outlives.")) {
            process(left, "outlives.").ifPresent(run -> {
                run.descendants().forEach(ProcessHandle::destroyForcibly);
                run.destroyForcibly();
                run.onExit().join();
            });
        }
    }

    private static Optional<ProcessHandle> process(Path file, String kind) {
        return ProcessHandle.of(Long.parseLong(file.getFileName().toString().substring(kind.length())));
    }

    private List<Path> files(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }
}
