package io.openme.internal.listener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * A program that holds many hostile connections to a port of 127.0.0.1, and opens a new one for each that is closed.
 *
 * <p>Its arguments: the port, the {@link Kind}, how many. It comes from 250 addresses, no two of them of one /16, or from as
 * many as it likes of one /16, and writes each quarter of a second how many connections it holds. It ends with its standard input.
 */
final class Attacker {
    static final int ADDRESSES = 250;

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long DRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final InetSocketAddress target;
    private final Kind kind;
    private final Selector selector = Selector.open();
    private final ByteBuffer ignored = ByteBuffer.allocate(64 * 1024);
    private final byte[] hello = hello();
    private int held;
    private int opened;

    /** What a hostile connection does once it is there. */
    enum Kind {
        /** Nothing. */
        IDLE,
        /** Sends a ClientHello, byte by byte. */
        DRIP,
        /** Sends a ClientHello, and then nothing. */
        HELLO,
        /** Sends a ClientHello, and then byte by byte what is no TLS. */
        HELLO_DRIP,
        /** Sends a ClientHello, hangs up on the answer, and comes again from another address of one /16. */
        HELLO_AGAIN;

        boolean begins() {
            return this == HELLO || this == HELLO_DRIP || this == HELLO_AGAIN;
        }
    }

    private static final class Victim {
        private int sent;
        private long dripAt;
        private boolean connected;
    }

    private Attacker(int port, Kind kind) throws IOException {
        this.target = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        this.kind = kind;
    }

    public static void main(String[] arguments) throws IOException {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // The parent is gone.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
        new Attacker(Integer.parseInt(arguments[0]), Kind.valueOf(arguments[1])).run(Integer.parseInt(arguments[2]));
    }

    private void run(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            open();
            if (i % 100 == 99) {
                selector.select(this::ready, 5);
            }
        }
        long reportAt = System.nanoTime();
        long dripAt = reportAt;
        while (true) {
            selector.select(this::ready, 50);
            long now = System.nanoTime();
            if (now - dripAt >= 0 && (kind == Kind.DRIP || kind == Kind.HELLO_DRIP)) {
                dripAt = now + DRIP_NANOS / 10;
                selector.keys().forEach(key -> drip(key, now));
            }
            if (now - reportAt >= 0) {
                reportAt = now + REPORT_NANOS;
                System.out.println(held + " " + opened);
            }
        }
    }

    private void open() throws IOException {
        int turn = opened++;
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        byte[] source = kind == Kind.HELLO_AGAIN
                ? new byte[] {127, (byte) 255, (byte) (turn >> 8 & 0x7f), (byte) turn}
                : new byte[] {127, (byte) (1 + turn % ADDRESSES), 0, 1};
        channel.bind(new InetSocketAddress(InetAddress.getByAddress(source), 0));
        channel.register(selector, SelectionKey.OP_CONNECT, new Victim());
        channel.connect(target);
    }

    private void ready(SelectionKey key) {
        Victim victim = (Victim) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (!victim.connected) {
                channel.finishConnect();
                victim.connected = true;
                held++;
                key.interestOps(SelectionKey.OP_READ);
                if (kind.begins()) {
                    victim.sent = hello.length;
                    channel.write(ByteBuffer.wrap(hello));
                }
            } else if (channel.read(ignored.clear()) < 0 || kind == Kind.HELLO_AGAIN) {
                again(key, victim);
            }
        } catch (IOException e) {
            again(key, victim);
        }
    }

    private void drip(SelectionKey key, long now) {
        Victim victim = (Victim) key.attachment();
        if (key.isValid() && victim.connected && now - victim.dripAt >= 0) {
            victim.dripAt = now + DRIP_NANOS;
            byte next = victim.sent < hello.length ? hello[victim.sent] : 0x17;
            victim.sent++;
            try {
                ((SocketChannel) key.channel()).write(ByteBuffer.wrap(new byte[] {next}));
            } catch (IOException e) {
                // The next select finds it closed.
            }
        }
    }

    private void again(SelectionKey key, Victim victim) {
        if (victim.connected) {
            held--;
        }
        try {
            key.channel().close();
            open();
        } catch (IOException e) {
            throw new IllegalStateException("an attacker needs " + held + " descriptors and more (ulimit -n)", e);
        }
    }

    private static byte[] hello() throws IOException {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine("server", 1);
            engine.setUseClientMode(true);
            ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), record);
            byte[] bytes = new byte[record.flip().remaining()];
            record.get(bytes);
            return bytes;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }
}
