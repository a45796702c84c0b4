package io.openme.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Packets from all sources to the guarded port, without a pause, and which of them are let in, when. */
final class Traffic implements AutoCloseable {
    private static final int BUFFER = 4 << 20;

    private final CompletableFuture<Void> receiver;
    private final Process sender;
    private final DatagramChannel door;
    private final BufferedReader rounds;
    private final BitSet seen = new BitSet();
    private long lastSent = System.nanoTime();

    /** Begins to send. Never answers, so that the kernel takes each packet for the first of its connection. */
    Traffic(List<String> clientPrefix, String serverAddress, int sources) throws IOException {
        door = DatagramChannel.open(StandardProtocolFamily.INET)
                .setOption(StandardSocketOptions.SO_RCVBUF, BUFFER)
                .bind(new InetSocketAddress(Backend.UDP_PORT));
        receiver = CompletableFuture.runAsync(this::receive, Traffic::start);
        List<String> command = new ArrayList<>(clientPrefix);
        command.addAll(FirewallBenchmark.java(Packets.class));
        command.addAll(List.of(serverAddress, Integer.toString(Backend.UDP_PORT), Integer.toString(sources)));
        sender = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        rounds = new BufferedReader(new InputStreamReader(sender.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "receiver");
        thread.setDaemon(true);
        thread.start();
    }

    private void receive() {
        ByteBuffer packet = ByteBuffer.allocate(Packets.SIZE);
        try {
            while (true) {
                packet.clear();
                door.receive(packet);
                letIn(packet.getInt(0), packet.getLong(Integer.BYTES));
            }
        } catch (ClosedChannelException e) {
            // The end.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void letIn(int source, long sent) {
        seen.set(source);
        lastSent = Math.max(lastSent, sent);
    }

    /** Waits until the sender has sent to the end a round that began after this instant. */
    void awaitRoundAfter(long nanoTime) throws IOException {
        while (nextRound() - nanoTime < 0) {
            // An earlier one.
        }
        nextRound();
    }

    private long nextRound() throws IOException {
        String line = rounds.readLine();
        if (line == null) {
            throw new IOException("the sender of packets has ended");
        }
        return Long.parseLong(line);
    }

    /** How many sources had a packet let in. */
    synchronized int sourcesSeen() {
        return seen.cardinality();
    }

    /**
     * When the last packet that was let in had been sent, by {@link System#nanoTime()}, which all programs of a Linux host
     * share. Not when it was read: that is later on a busy machine.
     */
    synchronized long lastSent() {
        return lastSent;
    }

    @Override
    public void close() throws IOException {
        sender.destroyForcibly().onExit().join();
        rounds.close();
        door.close();
        // The port is not free before who waits for a packet has noticed.
        receiver.join();
    }
}
