package io.openme.cli;

import java.io.PrintWriter;
import picocli.CommandLine;

/** Tells people what is wrong, on the error output. */
final class Messages {
    private Messages() {}

    static void error(CommandLine line, String message) {
        print(line.getErr(), line.getColorScheme().errorText("openme: ").toString(), message);
    }

    static void warn(CommandLine line, String message) {
        print(line.getErr(), line.getColorScheme().ansi().string("@|yellow openme: warning: |@"), message);
    }

    private static void print(PrintWriter to, String prefix, String message) {
        message.lines().forEach(each -> to.println((each.startsWith(" ") ? "" : prefix) + each));
        to.flush();
    }
}
