package io.openme.internal.session;

import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One knock: cuts what the peer sends into a command, and its answer into bytes.
 *
 * <p>A command ends at LF, at CRLF, at the end of input, or - since the original client sends no line end and waits - at
 * the end of a record that makes a complete command with nothing behind it for a short while. That while is what tells
 * {@code OPENME} from the first piece of {@code OPENME 203.0.113.9}, so that the way in which a line is cut into records
 * never changes what it means. The answer mirrors the framing: a bare command gets a bare answer.
 *
 * <p>A state machine: no thread, no socket, no clock. Whoever drives it calls one method at a time and carries out the
 * {@link Effect} that it returns. It asks at most once and replies at most once, whatever comes in.
 */
public final class KnockSession {
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

    /** What the driver does next. */
    public sealed interface Effect {
        /** Wait for more input. */
        record Await() implements Effect {}

        /** Wait for more input, and call {@link #quiet} if none comes for a short while. */
        record AwaitBriefly() implements Effect {}

        /**
         * Have this command decided, and call {@link #answered}. Input may be left unread meanwhile.
         *
         * @param command what the peer asks for
         */
        record Ask(Command command) implements Effect {}

        /**
         * Send this, then end the connection.
         *
         * @param text ASCII, with its line end if it has one
         */
        record Reply(String text) implements Effect {
            /** The bytes to send. */
            public ByteBuffer bytes() {
                return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            }
        }

        /** End the connection without an answer. */
        record End() implements Effect {}
    }

    /** The peer sent the content of one application-data record, or a part of it that ends with the record. */
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

    /** Nothing came for a while after {@link Effect.AwaitBriefly}. */
    public Effect quiet() {
        return state == State.READING && parse().isPresent() ? decide() : new Effect.Await();
    }

    /** The peer will send nothing more. */
    public Effect endOfInput() {
        return switch (state) {
            case READING -> length == 0 ? end() : decide();
            case ASKED -> new Effect.Await();
            case DONE -> new Effect.End();
        };
    }

    /** The time for this connection is over. What waits for its decision gets no answer: it may still come true. */
    public Effect deadline() {
        return state == State.READING && length > 0 ? reply(Answer.KO) : end();
    }

    /** The command of {@link Effect.Ask} was decided and, if it is to open something, committed. */
    public Effect answered(Answer answer) {
        return state == State.ASKED ? reply(answer) : new Effect.End();
    }

    private Effect decide() {
        Optional<Command> command = parse();
        if (command.isEmpty()) {
            return reply(Answer.KO);
        }
        state = State.ASKED;
        return new Effect.Ask(command.get());
    }

    private Effect reply(Answer answer) {
        state = State.DONE;
        return new Effect.Reply(answer.name() + lineEnd);
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
