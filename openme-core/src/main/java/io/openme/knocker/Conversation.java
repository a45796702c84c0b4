package io.openme.knocker;

import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.KnockSocket.Deadline;
import io.openme.protocol.Command;
import io.openme.protocol.MalformedLineException;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Reply.Refused;
import io.openme.protocol.Request;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several requests to one doorman, in one connection as far as it allows that.
 *
 * <p>The first request makes the connection. A doorman keeps it for some seconds, and for 32 commands; after a failure the
 * next request makes a new one. With a server that speaks only {@code openme/1} each request has a connection of its own.
 * Not safe for use by several threads.
 */
public final class Conversation implements AutoCloseable {
    /** After these the server ends the connection. */
    private static final Set<Refusal> LAST = Set.of(Refusal.TOO_LONG, Refusal.TOO_MANY_COMMANDS, Refusal.NOT_TRUSTED);

    private final Target target;
    private final @Nullable StandardProtocolFamily family;
    private @Nullable Link link;

    Conversation(Target target, @Nullable StandardProtocolFamily family) {
        this.target = target;
        this.family = family;
    }

    /**
     * Asks for this, and waits for the reply. Blocks, at most for the knocker's timeout (and for a name look-up, which has
     * the system's own). Nothing is asked twice, but for one case: a server that does not know ALPN may be an original one,
     * which knows another spelling of an open; if it says {@code KO}, it is asked once more with that.
     *
     * @throws IllegalArgumentException if the request can't be a line of {@code openme/2}: a name that no service has, a
     *     lifetime that is not of whole seconds from 1 to 999,999,999, or more than {@link Request#MAX_LENGTH} bytes
     */
    public KnockResult ask(Request request) {
        checkSayable(request);
        Deadline deadline = new Deadline(target.timeout());
        try {
            Link to = link == null ? dial(deadline) : link;
            if (!to.speaksOpenme2()) {
                return written(to, request, deadline);
            }
            Reply reply = to.ask(request, deadline);
            if (reply instanceof Refused refused && LAST.contains(refused.reason())) {
                close();
            }
            return new KnockResult(
                    reply.ok() ? Status.GRANTED : Status.REFUSED,
                    Said.detail(request, reply),
                    Optional.of(to.server()),
                    deadline.elapsed(),
                    Optional.of(reply));
        } catch (KnockFailure e) {
            close();
            return result(e.status(), String.valueOf(e.getMessage()), e.server(), deadline);
        }
    }

    /** Ends the connection, if there is one; the next request would make a new one. */
    @Override
    public void close() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    private Link dial(Deadline deadline) throws KnockFailure {
        Link made = target.dial(family, deadline);
        link = made;
        return made;
    }

    private KnockResult written(Link first, Request request, Deadline deadline) throws KnockFailure {
        InetSocketAddress server = first.server();
        Optional<Command> command = Written.of(request);
        if (command.isEmpty()) {
            close();
            return result(
                    Status.UNSUPPORTED,
                    "the server at " + Failures.text(server) + " speaks only openme/1, which can't say \""
                            + request.line() + "\", so nothing was asked; it can open and close everything for one"
                            + " address. Update the server, or ask without services, lifetimes and the like",
                    server,
                    deadline);
        }
        boolean negotiated = first.negotiated();
        boolean ok = first.say(command.get().toString(), deadline);
        close();
        Optional<String> original = Written.original(command.get());
        if (!ok && !negotiated && original.isPresent()) {
            Link again = dial(deadline);
            ok = again.say(original.get(), deadline);
            close();
        }
        return ok
                ? result(Status.GRANTED, "the server said OK", server, deadline)
                : result(
                        Status.REFUSED,
                        "the server said KO to " + command.get() + ": nothing changed; its log says why",
                        server,
                        deadline);
    }

    private static KnockResult result(
            Status status, String detail, @Nullable InetSocketAddress server, Deadline deadline) {
        return new KnockResult(status, detail, Optional.ofNullable(server), deadline.elapsed(), Optional.empty());
    }

    /** A blank in a service's name would be another parameter, and a line end another command. */
    static void checkSayable(Request request) {
        String line = request.line();
        boolean sayable = line.length() < Request.MAX_LENGTH;
        try {
            sayable &= Request.parse(line).equals(request);
        } catch (MalformedLineException e) {
            sayable = false;
        }
        if (!sayable) {
            throw new IllegalArgumentException(
                    request + " can't be said in a line of openme/2: services have names such as"
                            + " ssh, lifetimes are of whole seconds from 1 to 999999999, and a line has less than "
                            + Request.MAX_LENGTH + " bytes");
        }
    }
}
