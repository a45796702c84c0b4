package io.openme.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import picocli.CommandLine;

/** One run of the program in this JVM. */
record Run(int exitCode, String out, String err) {
    /** Runs it with nobody at a terminal. */
    static Run of(Path settings, String... arguments) {
        return answering(settings, List.of(), arguments);
    }

    /** Runs it with somebody who types these answers. */
    static Run answering(Path settings, List<String> answers, String... arguments) {
        Host host = new Host(
                new Typed(answers),
                settings,
                settings.resolve("state"),
                Clock.systemUTC(),
                Run::noTimer,
                Optional::empty);
        return on(host, arguments);
    }

    private static ScheduledExecutorService noTimer() {
        throw new AssertionError("no trial was asked for");
    }

    /** Runs it here. */
    static Run on(Host host, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Program.commandLine(host)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int code = Program.run(line, arguments);
        return new Run(code, out.toString(), err.toString());
    }

    /** A terminal where these answers are typed; none where there are no answers. */
    static final class Typed implements Terminal {
        private final Queue<String> left;
        private final boolean there;

        Typed(List<String> answers) {
            left = new ArrayDeque<>(answers);
            there = !answers.isEmpty();
        }

        @Override
        public boolean isThere() {
            return there;
        }

        @Override
        public Optional<char[]> askSecret(String prompt) {
            return ask(prompt).map(String::toCharArray);
        }

        @Override
        public Optional<String> ask(String prompt) {
            return Optional.ofNullable(left.poll());
        }
    }
}
