package io.openme.knocker;

import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of a knock.
 *
 * @param status what became of it
 * @param detail the same for a person: what was found, and what to do about it
 * @param server the address that was talked to; empty if none could be reached
 * @param elapsed how long it took, from the call to this result
 * @param reply what the server said; empty if it said nothing, or speaks only {@code openme/1}, which has no more to say
 *     than the status does
 */
public record KnockResult(
        Status status, String detail, Optional<InetSocketAddress> server, Duration elapsed, Optional<Reply> reply) {
    /** What became of a knock; each stands for something that the caller does differently. */
    public enum Status {
        /** The server said {@code OK}: the command took effect, and an opened port can be connected to now. */
        GRANTED,
        /** The server said {@code KO}: it knows who asks, and nothing changed. The reply has the reason, if there is one. */
        REFUSED,
        /** The server speaks only {@code openme/1}, which has no words for what was to be asked: nothing was asked. */
        UNSUPPORTED,
        /** The server did not accept the client's certificate. */
        NOT_AUTHENTICATED,
        /** Whoever answered is not the server that was asked for: another name, another CA, another protocol. */
        WRONG_SERVER,
        /** The server can't be reached, or ended the connection without an answer. */
        UNREACHABLE,
        /** The time was over before there was an answer; whether the command took effect is unknown. */
        TIMED_OUT
    }

    /** Refuses null. */
    public KnockResult {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(reply, "reply");
    }

    /** Whether the command took effect: everything but {@link Status#GRANTED} is a failure. */
    public boolean granted() {
        return status == Status.GRANTED;
    }

    /** Why the server refused; empty if it did not, or has no words for it ({@code openme/1}). */
    public Optional<Refusal> refusal() {
        return reply.filter(Reply.Refused.class::isInstance)
                .map(Reply.Refused.class::cast)
                .map(Reply.Refused::reason);
    }
}
