package io.openme.internal.listener;

import io.openme.doorman.Client;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.session.Conversation;
import io.openme.internal.session.KnockSession;
import io.openme.internal.session.Session;
import io.openme.internal.session.Session.Effect;
import io.openme.internal.tls.ServerTls;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What goes on in one connection, from the ClientHello to the close. Belongs to the worker that has the connection.
 *
 * <p>What a peer may send until its command is there is bounded as a whole, handshake included: that bounds its memory,
 * its certificates, its key updates and everything else that one could think of sending. After an answer that is not the
 * last it may send as much again.
 */
final class Knock {
    /** A ClientHello, perhaps a second one, a chain of certificates and a command need 4 to 10 KB. */
    static final int MOST_BYTES = 16 * 1024;

    /** No epoch: whoever has asked before is verified again. */
    private static final long LONG_AGO = -1;

    /** What {@link #step} returns at the end. */
    static final int OVER = -1;

    /** What is encrypted at once; with what JSSE wants to see free for it, four fit into the buffer for output. */
    private static final int PIECE = 8 * 1024;

    /** Junk behind a command is read and dropped up to here, so that no reset overtakes our answer. */
    private static final int MOST_DRAINED = 64 * 1024;

    private final Connection connection;
    private final Shared shared;
    private final Tls tls;
    private final long epoch;
    private final long begun = System.nanoTime();

    private volatile Phase phase = Phase.HANDSHAKE;
    private volatile @Nullable Reply answer;
    private Session session = new KnockSession();
    private @Nullable Client client;
    private int received;
    private int drained;
    private boolean outputEnded;
    private boolean asked;

    private enum Phase {
        HANDSHAKE,
        COMMAND,
        ASKED,
        SAID,
        LEAVING,
        OVER
    }

    Knock(Connection connection, Shared shared) throws SSLException {
        this.connection = connection;
        this.shared = shared;
        // Before the engine: what is trusted from now on is checked again when there is a request.
        this.epoch = shared.handler().epoch();
        this.tls = new Tls(shared.engines().get());
    }

    /** Whether the peer waits for an answer, or receives one. */
    boolean answering() {
        return phase == Phase.ASKED || phase == Phase.SAID || phase == Phase.LEAVING;
    }

    /** Does what can be done now. Returns the operations of a selection key to wait for, or {@link #OVER}. */
    int step(int signals, Scratch scratch) throws IOException {
        scratch.out.clear();
        try {
            int left = signals;
            if (phase == Phase.ASKED) {
                awaitAnswer(signals, scratch);
                // The time for the next command has only begun.
                left &= ~Connection.KNOCK_OVER;
            }
            if (phase == Phase.SAID && (left & Connection.KNOCK_OVER) != 0) {
                carryOut(session.deadline(), scratch);
            }
            goOn(scratch);
            while (isListening()) {
                listen(left, scratch);
                if (phase != Phase.SAID) {
                    break;
                }
                goOn(scratch);
                left = 0;
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
            case SAID -> SelectionKey.OP_WRITE;
            case OVER -> OVER;
        };
    }

    private boolean isListening() {
        return phase == Phase.HANDSHAKE || phase == Phase.COMMAND;
    }

    private void awaitAnswer(int signals, Scratch scratch) throws IOException {
        Reply decided = answer;
        if (decided != null) {
            answer = null;
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
        } else if (phase == Phase.COMMAND
                && (signals & Connection.QUIET) != 0
                && !heard
                && connection.input().length() == 0) {
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
        connection.input().take(in);
        // At the first step the selector's thread has read the ClientHello, and perhaps something behind it.
        boolean heard = received == 0;
        received = heard ? in.position() : received;
        while (true) {
            in.flip();
            takeRecords(in, scratch);
            in.compact();
            if (!isListening()) {
                // What came together with a command may be the next one.
                connection.input().keep(in.flip());
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
        connection.input().keep(in.flip());
        return heard;
    }

    private void takeRecords(ByteBuffer in, Scratch scratch) throws IOException {
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

    private void take(ByteBuffer record, Scratch scratch) throws IOException {
        ByteBuffer data = tls.receive(record, scratch);
        if (phase == Phase.HANDSHAKE && tls.finished()) {
            Client known = Client.of(tls.peer());
            client = known;
            if (tls.protocol().equals(ServerTls.ALPN_2)) {
                session = new Conversation();
            }
            phase = Phase.COMMAND;
            shared.handler().connected(known, connection.peer(), sinceHello());
        }
        if (phase == Phase.COMMAND && data.hasRemaining()) {
            carryOut(session.received(data), scratch);
        }
        if (tls.ended()) {
            endOfInput(scratch);
        }
    }

    private void endOfInput(Scratch scratch) throws IOException {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.OVER;
        } else if (phase == Phase.COMMAND) {
            carryOut(session.endOfInput(), scratch);
        }
    }

    private void carryOut(Effect effect, Scratch scratch) throws IOException {
        if (effect instanceof Effect.AwaitBriefly) {
            connection.alsoDeadline(Lane.QUIET);
        } else {
            shared.deadlines().cancel(Lane.QUIET, connection);
        }
        if (effect instanceof Effect.Ask ask) {
            ask(ask.request());
        } else if (effect instanceof Effect.Say say) {
            say(say.bytes(), scratch);
            if (say.last()) {
                leave(scratch);
            } else {
                // Each command has the time and the bytes that the first one had.
                phase = Phase.SAID;
                received = 0;
                connection.onlyDeadline(Lane.KNOCK);
            }
        } else if (effect instanceof Effect.End) {
            leave(scratch);
        }
    }

    /** Goes on once the peer has taken the last reply: what it makes us send is bounded so. */
    private void goOn(Scratch scratch) throws IOException {
        while (phase == Phase.SAID) {
            connection.send(scratch.out.flip());
            scratch.out.clear();
            if (!connection.flushed()) {
                return;
            }
            phase = Phase.COMMAND;
            carryOut(session.next(), scratch);
        }
    }

    /** Encrypts this, and hands over to the socket what would not find room otherwise. */
    private void say(ByteBuffer bytes, Scratch scratch) throws IOException {
        while (bytes.hasRemaining()) {
            ByteBuffer piece = bytes.slice(bytes.position(), Math.min(PIECE, bytes.remaining()));
            bytes.position(bytes.position() + piece.remaining());
            if (scratch.out.remaining() < 4 * PIECE) {
                connection.send(scratch.out.flip());
                scratch.out.clear();
            }
            tls.send(piece, scratch);
        }
    }

    private Duration sinceHello() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private void ask(Request request) throws SSLException {
        Client known = client;
        if (known == null) {
            throw new SSLException("a command of nobody");
        }
        phase = Phase.ASKED;
        connection.onlyDeadline(Lane.ANSWER);
        long verified = asked ? LONG_AGO : epoch;
        asked = true;
        shared.handler().ask(known, connection.peer(), request, verified).whenComplete((decided, failure) -> {
            answer = decided;
            connection.signal(Connection.DECIDED);
        });
    }

    private void fail(SSLException failure, Scratch scratch) {
        boolean handshake = phase == Phase.HANDSHAKE;
        tls.alert(scratch);
        startLeaving(Lane.LOST);
        if (handshake) {
            shared.handler().refused(connection.peer(), Reasons.of(failure), sinceHello());
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
