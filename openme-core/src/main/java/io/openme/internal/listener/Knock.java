package io.openme.internal.listener;

import io.openme.doorman.Client;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.session.KnockSession;
import io.openme.internal.session.KnockSession.Effect;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One knock on one connection, from the ClientHello to the close. Belongs to the worker that has the connection.
 *
 * <p>What a peer may send until its command is there is bounded as a whole, handshake included: that bounds its memory,
 * its certificates, its key updates and everything else that one could think of sending.
 */
final class Knock {
    /** A ClientHello, perhaps a second one, a chain of certificates and a command need 4 to 10 KB. */
    static final int MOST_BYTES = 16 * 1024;

    /** What {@link #step} returns at the end. */
    static final int OVER = -1;

    /** Junk behind a command is read and dropped up to here, so that no reset overtakes our answer. */
    private static final int MOST_DRAINED = 64 * 1024;

    private final Connection connection;
    private final Shared shared;
    private final Tls tls;
    private final KnockSession session = new KnockSession();

    private volatile Phase phase = Phase.HANDSHAKE;
    private volatile @Nullable Answer answer;
    private @Nullable Client client;
    private int received;
    private int drained;
    private boolean outputEnded;

    private enum Phase {
        HANDSHAKE,
        COMMAND,
        ASKED,
        LEAVING,
        OVER
    }

    Knock(Connection connection, Shared shared) throws SSLException {
        this.connection = connection;
        this.shared = shared;
        this.tls = new Tls(shared.engines().get());
    }

    /** Whether the peer waits for an answer, or receives one. */
    boolean answering() {
        return phase == Phase.ASKED || phase == Phase.LEAVING;
    }

    /** Does what can be done now. Returns the operations of a selection key to wait for, or {@link #OVER}. */
    int step(int signals, Scratch scratch) throws IOException {
        scratch.out.clear();
        try {
            if (phase == Phase.ASKED) {
                awaitAnswer(signals, scratch);
            } else if (isListening()) {
                listen(signals, scratch);
            }
        } catch (SSLException e) {
            fail(e, scratch);
        }
        connection.send(scratch.out.flip());
        if (!connection.flushed()) {
            return phase == Phase.OVER ? OVER : SelectionKey.OP_WRITE;
        }
        if (phase == Phase.LEAVING) {
            drain(scratch.in);
        }
        return switch (phase) {
            case HANDSHAKE, COMMAND, LEAVING -> SelectionKey.OP_READ;
            case ASKED -> 0;
            case OVER -> OVER;
        };
    }

    private boolean isListening() {
        return phase == Phase.HANDSHAKE || phase == Phase.COMMAND;
    }

    private void awaitAnswer(int signals, Scratch scratch) throws SSLException {
        Answer decided = answer;
        if (decided != null) {
            carryOut(session.answered(decided), scratch);
        } else if ((signals & (Connection.DECIDED | Connection.ANSWER_OVER)) != 0) {
            // What failed or is late may have happened all the same, so it gets neither OK nor KO.
            carryOut(session.deadline(), scratch);
        }
    }

    private void listen(int signals, Scratch scratch) throws IOException {
        boolean heard = hear(scratch);
        if (isListening() && (signals & Connection.KNOCK_OVER) != 0) {
            if (phase == Phase.HANDSHAKE) {
                phase = Phase.OVER;
            } else {
                carryOut(session.deadline(), scratch);
            }
        } else if (phase == Phase.COMMAND && (signals & Connection.QUIET) != 0 && !heard && !connection.hasInput()) {
            carryOut(session.quiet(), scratch);
        }
    }

    /** Takes in what has come; whether something had. */
    private boolean hear(Scratch scratch) throws IOException {
        if (!connection.flushed()) {
            // Who does not read is not listened to: what it makes us send is bounded so.
            return false;
        }
        ByteBuffer in = scratch.in.clear();
        connection.takeInput(in);
        // At the first step the selector's thread has read the ClientHello, and perhaps something behind it.
        boolean heard = received == 0;
        received = heard ? in.position() : received;
        while (true) {
            in.flip();
            takeRecords(in, scratch);
            in.compact();
            if (!isListening()) {
                return true;
            }
            int count = connection.read(in.limit(in.position() + Math.min(in.remaining(), MOST_BYTES - received)));
            in.limit(in.capacity());
            if (count < 0) {
                endOfInput(scratch);
                return true;
            }
            if (count == 0) {
                break;
            }
            heard = true;
            received += count;
        }
        if (received == MOST_BYTES) {
            phase = Phase.OVER;
        }
        connection.keep(in.flip());
        return heard;
    }

    private void takeRecords(ByteBuffer in, Scratch scratch) throws SSLException {
        while (isListening()) {
            int length = Tls.recordLength(in);
            if (length > in.remaining() + MOST_BYTES - received) {
                phase = Phase.OVER;
                return;
            }
            if (length == 0 || length > in.remaining()) {
                return;
            }
            ByteBuffer record = in.slice(in.position(), length);
            in.position(in.position() + length);
            take(record, scratch);
        }
    }

    private void take(ByteBuffer record, Scratch scratch) throws SSLException {
        ByteBuffer data = tls.receive(record, scratch);
        if (phase == Phase.HANDSHAKE && tls.finished()) {
            client = Client.of(tls.peer());
            phase = Phase.COMMAND;
        }
        if (phase == Phase.COMMAND && data.hasRemaining()) {
            carryOut(session.received(data), scratch);
        }
        if (tls.ended()) {
            endOfInput(scratch);
        }
    }

    private void endOfInput(Scratch scratch) throws SSLException {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.OVER;
        } else if (phase == Phase.COMMAND) {
            carryOut(session.endOfInput(), scratch);
        }
    }

    private void carryOut(Effect effect, Scratch scratch) throws SSLException {
        if (effect instanceof Effect.AwaitBriefly) {
            connection.alsoDeadline(Lane.QUIET);
        } else {
            shared.deadlines().cancel(Lane.QUIET, connection);
        }
        if (effect instanceof Effect.Ask ask) {
            ask(ask.command());
        } else if (effect instanceof Effect.Reply reply) {
            tls.send(reply.bytes(), scratch);
            leave(scratch);
        } else if (effect instanceof Effect.End) {
            leave(scratch);
        }
    }

    private void ask(Command command) throws SSLException {
        Client known = client;
        if (known == null) {
            throw new SSLException("a command of nobody");
        }
        phase = Phase.ASKED;
        connection.onlyDeadline(Lane.ANSWER);
        shared.handler().knock(known, connection.peer(), command).whenComplete((decided, failure) -> {
            answer = decided;
            connection.signal(Connection.DECIDED);
        });
    }

    private void fail(SSLException failure, Scratch scratch) {
        boolean handshake = phase == Phase.HANDSHAKE;
        tls.alert(scratch);
        startLeaving(Lane.LOST);
        if (handshake) {
            shared.handler().refused(connection.peer(), Reasons.of(failure));
        }
    }

    private void leave(Scratch scratch) throws SSLException {
        startLeaving(Lane.DRAIN);
        tls.close(scratch);
    }

    private void startLeaving(Lane lane) {
        phase = Phase.LEAVING;
        connection.onlyDeadline(lane);
    }

    private void drain(ByteBuffer junk) throws IOException {
        if (!outputEnded) {
            outputEnded = true;
            connection.endOutput();
        }
        int count;
        do {
            count = connection.read(junk.clear());
            drained += Math.max(0, count);
        } while (count > 0 && drained < MOST_DRAINED);
        if (count != 0) {
            phase = Phase.OVER;
        }
    }
}
