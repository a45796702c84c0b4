package io.openme.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sends a packet, with its source and its time in it, from each source, one source after the other, in another order each time, until nobody reads its
 * output any more. Tells when each round began.
 */
final class Packets {
    /** Of a packet. */
    static final int SIZE = Integer.BYTES + Long.BYTES;

    /** Always the same, so that the kernel keeps one entry for each source however often it sends. */
    private static final int SOURCE_PORT = 40_000;

    private Packets() {}

    /** {@code ADDRESS PORT SOURCES}. */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress to =
                new InetSocketAddress(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
        List<Integer> sources = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            sources.add(i);
        }
        while (!System.out.checkError()) {
            Collections.shuffle(sources);
            System.out.println(System.nanoTime());
            for (int source : sources) {
                send(source, to);
            }
        }
    }

    private static void send(int source, InetSocketAddress to) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(Sources.of(source), SOURCE_PORT));
            ByteBuffer packet = ByteBuffer.allocate(SIZE).putInt(source).putLong(System.nanoTime());
            channel.send(packet.flip(), to);
        }
    }
}
