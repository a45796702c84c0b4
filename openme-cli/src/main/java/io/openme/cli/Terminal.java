package io.openme.cli;

import java.io.Console;
import java.util.Optional;

/** Where a person can be asked for a secret. */
@FunctionalInterface
interface Terminal {
    /** Asks without an echo; empty if there is no terminal, or the person ended the input. */
    Optional<char[]> ask(String prompt);

    /** The terminal that this process was started from. */
    static Terminal ofThisProcess() {
        return prompt -> Optional.ofNullable(System.console())
                .filter(Terminal::isTerminal)
                .map(console -> console.readPassword("%s: ", prompt));
    }

    /** Since JDK 22 there is a console without a terminal, too, and a method that tells; 17 has only the former. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
