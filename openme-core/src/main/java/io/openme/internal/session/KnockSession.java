package io.openme.internal.session;

import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The written protocol: one command, one answer.
 *
 * <p>A command ends at LF, at CRLF, at the end of input, or - since the original client sends no line end and waits - at
 * the end of a record that makes a complete command with nothing behind it for a short while. That while is what tells
 * {@code OPENME} from the first piece of {@code OPENME 203.0.113.9}, so that the way in which a line is cut into records
 * never changes what it means. The answer mirrors the framing: a bare command gets a bare answer.
 *
 * <p>It asks at most once and says at most one thing, whatever comes in.
 */
public final class KnockSession implements Session {
    /** Room for the longest command and CR LF: without LF in here, a command is too long. */
    private static final int CAPACITY = Command.MAX_LENGTH + 2;

    private final byte[] buffer = new byte[CAPACITY];
    private int length;
    private State state = State.READING;
    private String lineEnd = "";

    private enum State {
        READING,
        ASKED,
        DONE
    }

    @Override
    public Effect received(ByteBuffer data) {
        if (state != State.READING) {
            return state == State.ASKED ? new Effect.Await() : new Effect.End();
        }
        while (data.hasRemaining()) {
            byte next = data.get();
            if (next == '\n') {
                lineEnd = length > 0 && buffer[length - 1] == '\r' ? "\r\n" : "\n";
                return decide();
            }
            buffer[length++] = next;
            if (length == CAPACITY) {
                return reply(Answer.KO);
            }
        }
        return parse().isPresent() ? new Effect.AwaitBriefly() : new Effect.Await();
    }

    @Override
    public Effect quiet() {
        return state == State.READING && parse().isPresent() ? decide() : new Effect.Await();
    }

    @Override
    public Effect endOfInput() {
        return switch (state) {
            case READING -> length == 0 ? end() : decide();
            case ASKED -> new Effect.Await();
            case DONE -> new Effect.End();
        };
    }

    @Override
    public Effect deadline() {
        return state == State.READING && length > 0 ? reply(Answer.KO) : end();
    }

    @Override
    public Effect answered(Reply reply) {
        return state == State.ASKED ? reply(reply.answer()) : new Effect.End();
    }

    @Override
    public Effect next() {
        return new Effect.End();
    }

    private Effect decide() {
        Optional<Command> command = parse();
        if (command.isEmpty()) {
            return reply(Answer.KO);
        }
        state = State.ASKED;
        return new Effect.Ask(Request.of(command.get()));
    }

    private Effect reply(Answer answer) {
        state = State.DONE;
        return new Effect.Say(answer.name() + lineEnd, true);
    }

    private Effect end() {
        state = State.DONE;
        return new Effect.End();
    }

    private Optional<Command> parse() {
        // ISO 8859-1 maps each byte to one character: anything that is not ASCII then matches no command.
        return Command.parse(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
    }
}
