package io.openme.knocker;

import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Request;
import io.openme.protocol.Request.Close;
import io.openme.protocol.Request.Open;
import io.openme.protocol.Request.Where;
import java.util.Optional;

/** Requests in the words of the written protocol, as far as it has them. */
final class Written {
    private Written() {}

    /** The command that asks for exactly this; empty if there is none. */
    static Optional<Command> of(Request request) {
        if (request instanceof Open open) {
            boolean plain = open.services().isEmpty()
                    && open.lifetime().isEmpty()
                    && open.replaces().isEmpty();
            return plain ? Optional.of(new Command(Command.Action.OPEN, open.address())) : Optional.empty();
        }
        if (request instanceof Close close
                && close.services().isEmpty()
                && close.client().isEmpty()) {
            if (close.where() instanceof Where.At at) {
                return Optional.of(Command.closeFor(at.address()));
            }
            return close.where() instanceof Where.Here ? Optional.of(Command.close()) : Optional.empty();
        }
        return Optional.empty();
    }

    /** What the original programs understand in its place; empty if they understand the command itself. */
    static Optional<String> original(Command command) {
        return command.action() == Command.Action.OPEN
                ? Optional.of("OPEN " + command.address().map(IpLiteral::format).orElse("ME"))
                : Optional.empty();
    }
}
