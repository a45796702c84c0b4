package io.openme.examples.haproxy;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A conversation with HAProxy's runtime API: a line each way, and no answer is waited for longer than three seconds. */
final class HaproxySocket implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String PROMPT = "\n> ";

    private final SocketChannel channel;
    private final Selector selector;

    private HaproxySocket(SocketChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
    }

    /** Fails for a reason that says what to do; then certainly nothing has changed, since nothing was said. */
    static HaproxySocket connect(Path socket) {
        if (!Files.exists(socket)) {
            throw new FirewallException(
                    Reason.NOT_INSTALLED,
                    "there is no " + socket + "; start HAProxy with \"stats socket " + socket
                            + " level admin\", or name its socket in the option socket");
        }
        if (!Files.isWritable(socket)) {
            throw new FirewallException(
                    Reason.NOT_PERMITTED,
                    "this user may not write to " + socket + "; join the group that it belongs to");
        }
        HaproxySocket haproxy;
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            haproxy = new HaproxySocket(channel, Selector.open());
            channel.configureBlocking(false);
            channel.register(haproxy.selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            throw new FirewallException(Reason.NOT_INSTALLED, "no HAProxy listens at " + socket + "; start it", e);
        }
        haproxy.ask("prompt"); // keeps the conversation open, and ends each answer with a prompt
        return haproxy;
    }

    /** What HAProxy answers, without the empty line at its end. */
    String ask(String command) {
        try {
            ByteBuffer question = StandardCharsets.US_ASCII.encode(command + "\n");
            while (question.hasRemaining()) {
                channel.write(question);
            }
            return answer(command).strip();
        } catch (IOException e) {
            throw new FirewallException(Reason.FAILED, "HAProxy hung up at \"" + command + "\": " + e.getMessage(), e);
        }
    }

    /** A command that HAProxy answers with nothing, unless it refuses it. */
    void tell(String command) {
        tell(command, "");
    }

    /** As {@link #tell(String)}; false if the answer is {@code missing}, since there is no such entry. */
    boolean tell(String command, String missing) {
        String answer = ask(command);
        if (!answer.isEmpty() && !answer.equals(missing)) {
            throw new FirewallException(Reason.FAILED, "HAProxy refused \"" + command + "\": " + answer);
        }
        return answer.isEmpty();
    }

    private String answer(String command) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        StringBuilder answer = new StringBuilder();
        ByteBuffer part = ByteBuffer.allocate(8192);
        while (answer.lastIndexOf(PROMPT) < 0 || answer.lastIndexOf(PROMPT) != answer.length() - PROMPT.length()) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0 || selector.select(millis) == 0) {
                // Whether HAProxy does it later nobody knows.
                throw new FirewallException(
                        Reason.TIMED_OUT, "HAProxy did not answer \"" + command + "\" within " + PATIENCE);
            }
            selector.selectedKeys().clear();
            if (channel.read(part.clear()) < 0) {
                throw new IOException("end of stream");
            }
            answer.append(StandardCharsets.US_ASCII.decode(part.flip()));
        }
        return answer.substring(0, answer.length() - PROMPT.length());
    }

    @Override
    public void close() {
        try (selector) {
            channel.close();
        } catch (IOException e) {
            // It is of no use any more, and closing it undoes nothing.
        }
    }
}
