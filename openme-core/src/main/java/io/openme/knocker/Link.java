package io.openme.knocker;

import io.openme.internal.tls.ClientTls;
import io.openme.knocker.KnockSocket.Deadline;
import io.openme.protocol.Command;
import io.openme.protocol.MalformedLineException;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;

/** A connection to a server that showed a good certificate. Not safe for use by several threads. */
final class Link implements AutoCloseable {
    private static final int ANSWER_LENGTH = 2;
    /** The longest list, 256 grants with their owners, takes about 100 KB. */
    private static final int MOST_BYTES = 128 * 1024;

    private static final int MOST_LINES = 1024;

    /** Also of what only newer servers say: whoever begins otherwise is not worth waiting for. */
    private static final Pattern ITEM = Pattern.compile("[A-Z]{1,16}( [ -~]*)?");

    private final KnockSocket transport;
    private final SSLSocket socket;
    private final InetSocketAddress server;
    private final Duration timeout;
    private final byte[] buffer = new byte[8192];
    private int next;
    private int filled;

    private Link(KnockSocket transport, SSLSocket socket, InetSocketAddress server, Duration timeout) {
        this.transport = transport;
        this.socket = socket;
        this.server = server;
        this.timeout = timeout;
    }

    /** Makes a connection a secure one; closes it if that fails. */
    static Link secure(Target target, KnockSocket transport, InetSocketAddress server) throws KnockFailure {
        try {
            SSLSocket socket = target.tls().over(transport, target.host(), target.port(), false);
            socket.startHandshake();
            return new Link(transport, socket, server, target.timeout());
        } catch (IOException e) {
            transport.closeQuietly();
            throw Failures.of(e, server, target.timeout(), target.tls().allowsTls12());
        }
    }

    InetSocketAddress server() {
        return server;
    }

    /** Whether the server can be asked for everything. */
    boolean speaksOpenme2() {
        return socket.getApplicationProtocol().equals(ClientTls.OPENME_2);
    }

    /** Whether the server knows ALPN; an original one does not. */
    boolean negotiated() {
        return !socket.getApplicationProtocol().isEmpty();
    }

    /** Says a line of {@code openme/2}, and reads what answers it. */
    Reply ask(Request request, Deadline deadline) throws KnockFailure {
        try {
            transport.begin(deadline);
            write(request.line());
            List<String> lines = new ArrayList<>();
            int left = MOST_BYTES;
            do {
                String line = readLine(left);
                left -= line.length() + 1;
                lines.add(line);
                if (!ITEM.matcher(line).matches()) {
                    throw Failures.noDoorman(server, "its reply is none of openme/2");
                }
                if (lines.size() > MOST_LINES) {
                    throw Failures.noDoorman(server, "its reply has more than " + MOST_LINES + " lines");
                }
            } while (!Reply.isResult(lines.get(lines.size() - 1)));
            return Reply.parse(lines, request);
        } catch (MalformedLineException e) {
            throw Failures.noDoorman(server, "its reply is none of openme/2, " + e.getMessage());
        } catch (IOException e) {
            throw Failures.of(e, server, timeout);
        }
    }

    /** Says a command of the written protocol; whether the server said {@code OK} rather than {@code KO}. */
    boolean say(String command, Deadline deadline) throws KnockFailure {
        try {
            transport.begin(deadline);
            write(command);
            String answer = readAnswer(socket.getInputStream());
            return switch (answer) {
                case "OK" -> true;
                case "KO" -> false;
                case "" -> throw Failures.silent(server);
                default -> throw Failures.noDoorman(server, "it said neither OK nor KO");
            };
        } catch (IOException e) {
            throw Failures.of(e, server, timeout);
        }
    }

    private void write(String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private String readLine(int most) throws IOException, KnockFailure {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (next == filled) {
                filled = Math.max(0, socket.getInputStream().read(buffer));
                next = 0;
                if (filled == 0) {
                    throw Failures.silent(server);
                }
            }
            char read = (char) (buffer[next++] & 0xff);
            if (read == '\n') {
                return line.toString();
            }
            line.append(read);
            if (line.length() >= most) {
                throw Failures.noDoorman(server, "its reply is longer than " + MOST_BYTES + " bytes");
            }
        }
    }

    /**
     * The answer without its line end; empty at the end of input. The original server sends no line end and no
     * close_notify.
     */
    private static String readAnswer(InputStream in) throws IOException {
        byte[] answer = new byte[Command.MAX_LENGTH];
        int length = 0;
        while (length < ANSWER_LENGTH) {
            int count = in.read(answer, length, answer.length - length);
            if (count < 0) {
                break;
            }
            length += count;
        }
        return new String(answer, 0, length, StandardCharsets.ISO_8859_1).strip();
    }

    @Override
    public void close() {
        // Not the TLS socket: it would wait for the server once more.
        transport.closeQuietly();
    }
}
