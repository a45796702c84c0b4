package io.openme.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import picocli.CommandLine;

/** One run of the program in this JVM. */
record Run(int exitCode, String out, String err) {
    /** Runs it with nobody at a terminal. */
    static Run of(Path settings, String... arguments) {
        return answering(settings, List.of(), arguments);
    }

    /** Runs it with somebody who types these answers. */
    static Run answering(Path settings, List<String> answers, String... arguments) {
        Queue<String> left = new ArrayDeque<>(answers);
        Host host = new Host(
                prompt -> Optional.ofNullable(left.poll()).map(String::toCharArray), settings, Clock.systemUTC());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Program.commandLine(host)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int code = Program.run(line, arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
