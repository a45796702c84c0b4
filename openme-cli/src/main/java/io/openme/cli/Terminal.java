package io.openme.cli;

import java.io.Console;
import java.util.Optional;

/** Where a person can be asked. */
interface Terminal {
    /** Whether there is one; somebody who looks at it is another matter. */
    boolean isThere();

    /** Asks without an echo; empty if there is no terminal, or the person ended the input. */
    Optional<char[]> askSecret(String prompt);

    /** Asks for a line; empty if there is no terminal, or the person ended the input. */
    Optional<String> ask(String prompt);

    /** The terminal that this process was started from. */
    static Terminal ofThisProcess() {
        return new Terminal() {
            @Override
            public boolean isThere() {
                return console().isPresent();
            }

            @Override
            public Optional<char[]> askSecret(String prompt) {
                return console().map(console -> console.readPassword("%s: ", prompt));
            }

            @Override
            public Optional<String> ask(String prompt) {
                return console().map(console -> console.readLine("%s ", prompt));
            }
        };
    }

    private static Optional<Console> console() {
        return Optional.ofNullable(System.console()).filter(Terminal::isTerminal);
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
