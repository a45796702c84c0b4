package io.openme.protocol;

import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * What a knocker asks for, as the written protocol has it.
 *
 * @param action whether to open or to close
 * @param address the address to open or close for; empty stands for the one that the connection comes from
 */
public record Command(Action action, Optional<InetAddress> address) {
    /** The longest text of a command in bytes, without its line end. */
    public static final int MAX_LENGTH = 64;

    /** What a command asks for. */
    public enum Action {
        /** Open the guarded ports. */
        OPEN,
        /** Close them. */
        CLOSE
    }

    /** Refuses null. */
    public Command {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(address, "address");
    }

    /** {@code OPENME}: open for the address that the connection comes from. */
    public static Command open() {
        return new Command(Action.OPEN, Optional.empty());
    }

    /** {@code OPENME <address>}: open for a guest. */
    public static Command openFor(InetAddress guest) {
        return new Command(Action.OPEN, Optional.of(guest));
    }

    /** {@code MEOPEN}: close for the address that the connection comes from. */
    public static Command close() {
        return new Command(Action.CLOSE, Optional.empty());
    }

    /** {@code MEOPEN <address>}: close for a guest. */
    public static Command closeFor(InetAddress guest) {
        return new Command(Action.CLOSE, Optional.of(guest));
    }

    /**
     * Reads a command without its line end. Beside the written protocol it takes the spellings that the original
     * programs send: {@code OPEN ME} and {@code OPEN <address>} to open, {@code MIOPEN <address>} to close. Blanks around
     * and between words do not matter, case does. An address is a literal that {@link IpLiteral#parse} reads.
     *
     * @return empty if the text is no command, or longer than {@link #MAX_LENGTH} without the blanks around it
     */
    public static Optional<Command> parse(String text) {
        String command = text.strip();
        if (command.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] words = command.split("[ \t]+", 3);
        if (words.length == 1) {
            return switch (words[0]) {
                case "OPENME" -> Optional.of(open());
                case "MEOPEN" -> Optional.of(close());
                default -> Optional.empty();
            };
        }
        if (words.length > 2) {
            return Optional.empty();
        }
        if (words[0].equals("OPEN") && words[1].equals("ME")) {
            return Optional.of(open());
        }
        return switch (words[0]) {
            case "OPENME", "OPEN" -> IpLiteral.parse(words[1]).map(Command::openFor);
            case "MEOPEN", "MIOPEN" -> IpLiteral.parse(words[1]).map(Command::closeFor);
            default -> Optional.empty();
        };
    }

    /** The command as the written protocol spells it, without a line end. */
    @Override
    public String toString() {
        String word = action == Action.OPEN ? "OPENME" : "MEOPEN";
        return address.map(a -> word + " " + IpLiteral.format(a)).orElse(word);
    }
}
