package io.openme.internal.listener;

import io.openme.internal.listener.Complaints.Fault;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.net.Source;
import io.openme.internal.vitals.Pulse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts connections, reads until a ClientHello is there, and watches the deadlines. One thread, cheap work only.
 *
 * <p>It outlives everything: without descriptors or memory it waits a moment, in which deadlines free some, and goes on.
 */
final class SelectorLoop implements Runnable {
    /** Room for most replies at once. */
    private static final int SEND_BUFFER = 32 * 1024;

    /**
     * Accepts in a row, before it looks after the connections that it has: as many as a selection reports at the most. Were
     * they fewer, those who are quick to come again would fill the kernel's queue, whose overflow hits everybody alike, and a
     * SYN that is lost there costs its sender a second.
     */
    private static final int MOST_ACCEPTS = 1024;

    /** A round takes in this part of all places at the most, so that nobody has to go before he could say anything. */
    private static final int ROUNDS_TO_FILL = 4;

    private static final int DROPS_IN_A_ROW = 64;

    private static final long BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Shared shared;
    private final Pulse pulse;
    private final Complaints complaints;
    private final ByteBuffer scratch = ByteBuffer.allocate(ClientHello.LONGEST);
    private volatile boolean stopped;

    SelectorLoop(Shared shared, Pulse pulse, Complaints complaints) {
        this.shared = shared;
        this.pulse = pulse;
        this.complaints = complaints;
    }

    /** Lets the loop end. */
    void stop() {
        stopped = true;
        shared.selector().wakeup();
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                goRound();
            } catch (Throwable e) {
                // Nothing here that takes memory, or the thread would end.
                backOff(Fault.WATCHING, e);
            }
        }
    }

    private void goRound() throws IOException {
        try {
            shared.selector().select(this::ready, timeout());
            shared.deadlines().expire(this::overdue);
            // Only now: a loop that goes round and fails each time serves nobody.
            pulse.beat();
        } catch (ClosedSelectorException e) {
            stopped = true;
        }
    }

    private long timeout() {
        OptionalLong nanos = shared.deadlines().untilNext();
        // 0 would be to wait forever, and rounding down to wake up just before there is something to do.
        return nanos.isEmpty() ? 0 : nanos.getAsLong() / 1_000_000 + 1;
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            try {
                connection.ready(scratch);
            } catch (Throwable e) {
                connection.close();
            }
        } else {
            accept((ServerSocketChannel) key.channel());
        }
    }

    private void accept(ServerSocketChannel door) {
        int most = Math.max(1, Math.min(MOST_ACCEPTS, shared.census().places() / ROUNDS_TO_FILL));
        for (int i = 0; i < most; i++) {
            SocketChannel channel;
            try {
                channel = door.accept();
            } catch (ClosedChannelException e) {
                // The listener closes.
                return;
            } catch (Throwable e) {
                // They hold what is missing, and a knock is over sooner than they are.
                for (int dropped = 0; dropped < DROPS_IN_A_ROW; dropped++) {
                    dropOne();
                }
                backOff(Fault.ACCEPTING, e);
                return;
            }
            if (channel == null) {
                return;
            }
            admit(channel);
        }
    }

    /** Takes a connection in or closes it. Throws nothing: whatever is wrong with one costs nobody else anything. */
    void admit(SocketChannel channel) {
        Connection connection = null;
        try {
            InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
            Source source = Source.of(peer.getAddress());
            if (!makeRoom(source)) {
                Connection.reset(channel);
                closeQuietly(channel);
                return;
            }
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            // Else the kernel would keep megabytes for a peer that does not take its replies.
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
            connection = new Connection(channel, peer.getAddress(), source, shared);
            shared.census().enter(source, connection);
            connection.onlyDeadline(Lane.KNOCK);
            // Who waited in the kernel's queue has often sent his ClientHello meanwhile.
            connection.ready(scratch);
        } catch (Throwable e) {
            if (connection == null) {
                closeQuietly(channel);
            } else {
                connection.close();
            }
            if (!(e instanceof IOException)) {
                complaints.about(Fault.ADMITTING, e);
            }
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone all the same.
        }
    }

    /** To reset newcomers instead would let who holds all the places, of a NAT or of all, keep everybody out. */
    private boolean makeRoom(Source newcomer) {
        while (!shared.census().hasRoom(newcomer)) {
            Optional<Connection> stranger = shared.census().inTheWayOf(newcomer);
            stranger.ifPresent(Connection::abort);
            if (stranger.isEmpty() && (shared.census().hasEnoughFrom(newcomer) || !dropAnswered())) {
                return false;
            }
        }
        return true;
    }

    private void dropOne() {
        Optional<Connection> stranger = shared.census().first();
        stranger.ifPresent(Connection::abort);
        if (stranger.isEmpty()) {
            dropAnswered();
        }
    }

    /** Who was answered goes last, and without a reset, which would take the answer away again. */
    private boolean dropAnswered() {
        Optional<Connection> answered = shared.deadlines().takeOldest(Lane.DRAIN);
        answered.ifPresent(Connection::close);
        return answered.isPresent();
    }

    private void overdue(Lane lane, Connection connection) {
        try {
            switch (lane) {
                case KNOCK -> {
                    if (connection.begun()) {
                        // A worker ends it with manners; where no worker finds the time, its next deadline ends it
                        // without.
                        connection.signal(Connection.KNOCK_OVER);
                    } else {
                        connection.abort();
                    }
                }
                case QUIET -> connection.signal(Connection.QUIET);
                case ANSWER -> connection.signal(Connection.ANSWER_OVER);
                case DRAIN, LOST -> connection.close();
            }
        } catch (Throwable e) {
            connection.abort();
            throw e;
        }
    }

    private void backOff(Fault what, Throwable cause) {
        if (!stopped) {
            complaints.about(what, cause);
            LockSupport.parkNanos(BACK_OFF_NANOS);
        }
    }
}
