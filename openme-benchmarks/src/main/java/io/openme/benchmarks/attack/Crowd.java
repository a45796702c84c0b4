package io.openme.benchmarks.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Holds many hostile connections, and opens a new one for each that ends. One thread.
 *
 * <p>It writes each quarter of a second how many are connected, how many were opened in all, and how often the hostile
 * thing was done.
 */
final class Crowd {
    /** More at once than this would only be SYNs that the kernel drops. */
    private static final int MOST_CONNECTING = 1000;

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final InetSocketAddress target;
    private final IntFunction<InetAddress> sources;
    private final Supplier<Behaviour> behaviours;
    private final int receiveBuffer;
    private final Selector selector = Selector.open();
    private final ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
    private int lines;
    private int connected;
    private long opened;
    private long deeds;

    /**
     * @param sources the address that the connection of this number comes from
     * @param receiveBuffer what the kernel keeps of the doorman's answers, in bytes; 0 for the usual
     */
    Crowd(InetSocketAddress target, IntFunction<InetAddress> sources, Supplier<Behaviour> behaviours, int receiveBuffer)
            throws IOException {
        this.target = target;
        this.sources = sources;
        this.behaviours = behaviours;
        this.receiveBuffer = receiveBuffer;
    }

    /** Attacks with so many connections, until the process ends. */
    void attack(int size) throws IOException {
        long reportAt = System.nanoTime();
        long tickAt = reportAt;
        while (true) {
            while (lines < size && lines - connected < MOST_CONNECTING) {
                open();
            }
            selector.select(this::ready, 2);
            long now = System.nanoTime();
            if (now - tickAt >= 0) {
                // Oftener than each line's, so that they do not all come at once.
                tickAt = now + TICK_NANOS / 10;
                List.copyOf(selector.keys()).forEach(key -> tick(key, now));
            }
            if (now - reportAt >= 0) {
                reportAt = now + REPORT_NANOS;
                System.out.println(connected + " " + opened + " " + deeds);
            }
        }
    }

    private void open() throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (receiveBuffer > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
            }
            channel.bind(new InetSocketAddress(sources.apply((int) (opened++ % Integer.MAX_VALUE)), 0));
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            key.attach(new Line(key, behaviours.get()));
            channel.connect(target);
            lines++;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void ready(SelectionKey key) {
        Line line = (Line) key.attachment();
        boolean before = line.isConnected();
        boolean alive = false;
        try {
            alive = line.ready(scratch);
        } catch (IOException e) {
            // The doorman has had enough of it.
        }
        count(key, line, before, alive);
    }

    private void tick(SelectionKey key, long now) {
        Line line = (Line) key.attachment();
        if (!key.isValid()) {
            return;
        }
        boolean alive = false;
        try {
            line.tick(now, TICK_NANOS);
            alive = key.channel().isOpen();
        } catch (IOException e) {
            // The doorman has had enough of it.
        }
        count(key, line, line.isConnected(), alive);
    }

    private void count(SelectionKey key, Line line, boolean before, boolean alive) {
        deeds += line.takeDeeds();
        if (!before && line.isConnected()) {
            connected++;
        }
        if (!alive) {
            lines--;
            connected -= line.isConnected() ? 1 : 0;
            try {
                key.channel().close();
            } catch (IOException e) {
                // The descriptor is gone all the same.
            }
        }
    }
}
