package io.openme.internal.session;

import io.openme.protocol.MalformedLineException;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * {@code openme/2}: lines, each answered before the next is read. {@code docs/protocol.md} specifies it.
 *
 * <p>It asks for one thing at a time, and for at most {@link #MOST_COMMANDS}. A line counts when its end is there.
 */
public final class Conversation implements Session {
    /** So many commands are taken in one connection: 32. */
    public static final int MOST_COMMANDS = 32;

    private static final byte[] NOTHING = {};

    /** What came and was not taken yet. */
    private byte[] input = NOTHING;

    private int commands;
    private boolean inputEnded;
    private State state = State.READING;

    private enum State {
        READING,
        ASKED,
        SAYING,
        DONE
    }

    @Override
    public Effect received(ByteBuffer data) {
        int length = input.length;
        input = Arrays.copyOf(input, length + data.remaining());
        data.get(input, length, input.length - length);
        return proceed();
    }

    @Override
    public Effect quiet() {
        return new Effect.Await();
    }

    @Override
    public Effect endOfInput() {
        inputEnded = true;
        return proceed();
    }

    @Override
    public Effect deadline() {
        return end();
    }

    @Override
    public Effect answered(Reply reply) {
        if (state != State.ASKED) {
            return new Effect.End();
        }
        boolean last = reply instanceof Reply.Refused refused && refused.reason() == Refusal.NOT_TRUSTED;
        return say(reply, last);
    }

    @Override
    public Effect next() {
        if (state == State.SAYING) {
            state = State.READING;
        }
        return proceed();
    }

    private Effect proceed() {
        if (state == State.DONE) {
            return new Effect.End();
        }
        if (state != State.READING) {
            return new Effect.Await();
        }
        int end = lineEnd();
        if (end < 0 ? input.length >= Request.MAX_LENGTH : end >= Request.MAX_LENGTH) {
            return say(new Reply.Refused(Refusal.TOO_LONG), true);
        }
        if (end < 0) {
            return inputEnded ? end() : new Effect.Await();
        }
        int length = end > 0 && input[end - 1] == '\r' ? end - 1 : end;
        // ISO 8859-1 maps each byte to one character: anything that is not ASCII then matches no grammar.
        String line = new String(input, 0, length, StandardCharsets.ISO_8859_1);
        input = Arrays.copyOfRange(input, end + 1, input.length);
        return take(line);
    }

    private Effect take(String line) {
        if (++commands > MOST_COMMANDS) {
            return say(new Reply.Refused(Refusal.TOO_MANY_COMMANDS), true);
        }
        try {
            Request request = Request.parse(line);
            state = State.ASKED;
            return new Effect.Ask(request);
        } catch (MalformedLineException e) {
            return say(new Reply.Refused(e.refusal()), false);
        }
    }

    private Effect say(Reply reply, boolean last) {
        state = last ? State.DONE : State.SAYING;
        return new Effect.Say(String.join("\n", reply.lines()) + "\n", last);
    }

    private Effect end() {
        state = State.DONE;
        return new Effect.End();
    }

    private int lineEnd() {
        for (int i = 0; i < input.length; i++) {
            if (input[i] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
