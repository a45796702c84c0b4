package io.openme.internal.session;

import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What goes on in one connection once it is known who is at the other end: cuts what the peer sends into requests, and
 * replies into bytes.
 *
 * <p>A state machine: no thread, no socket, no clock. Whoever drives it calls one method at a time and carries out the
 * {@link Effect} that it returns. After an {@link Effect.Ask} it is told the reply; after an {@link Effect.Say} that is not
 * the last, it is asked what is {@link #next}.
 */
public sealed interface Session permits KnockSession, Conversation {
    /** What the driver does next. */
    sealed interface Effect {
        /** Wait for more input. */
        record Await() implements Effect {}

        /** Wait for more input, and call {@link #quiet} if none comes for a short while. */
        record AwaitBriefly() implements Effect {}

        /**
         * Have this decided, and call {@link #answered}. Input may be left unread meanwhile.
         *
         * @param request what the peer asks for
         */
        record Ask(Request request) implements Effect {}

        /**
         * Send this.
         *
         * @param text ASCII, with its line ends if it has any
         * @param last whether the connection ends with it; otherwise {@link #next} says how it goes on
         */
        record Say(String text, boolean last) implements Effect {
            /** The bytes to send. */
            public ByteBuffer bytes() {
                return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            }
        }

        /** End the connection without another word. */
        record End() implements Effect {}
    }

    /** The peer sent the content of one application-data record, or a part of it that ends with the record. */
    Effect received(ByteBuffer data);

    /** Nothing came for a while after {@link Effect.AwaitBriefly}. */
    Effect quiet();

    /** The peer will send nothing more. */
    Effect endOfInput();

    /** The time for this command is over. What waits for its decision gets no answer: it may still come true. */
    Effect deadline();

    /** The request of {@link Effect.Ask} was decided and, if it is to open something, committed. */
    Effect answered(Reply reply);

    /** What comes after an {@link Effect.Say} that was not the last. */
    Effect next();
}
