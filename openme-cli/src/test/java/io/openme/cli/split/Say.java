package io.openme.cli.split;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a process that was taken over can do: say anything to a Unix socket. A program of its own, of this class alone. */
public final class Say {
    private Say() {}

    /** Connects to {@code SOCKET} as many times as {@code TIMES}, says each time what it reads, and prints the last answer. */
    public static void main(String... arguments) throws IOException {
        byte[] said = System.in.readAllBytes();
        String answer = "";
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            answer = to(Path.of(arguments[0]), said);
        }
        System.out.print(answer);
    }

    /** Says this, and hangs up; what was answered until the other side did, too. */
    static String to(Path socket, byte[] said) throws IOException {
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            StringBuilder answer = new StringBuilder();
            try {
                ByteBuffer bytes = ByteBuffer.wrap(said);
                while (bytes.hasRemaining()) {
                    connection.write(bytes);
                }
                connection.shutdownOutput();
                ByteBuffer in = ByteBuffer.allocate(4096);
                while (connection.read(in.clear()) >= 0) {
                    answer.append(StandardCharsets.UTF_8.decode(in.flip()));
                }
            } catch (IOException e) {
                // Cut off while there was something to be written or read yet.
                if (!String.valueOf(e.getMessage()).matches("Broken pipe|Connection reset.*")) {
                    throw e;
                }
            }
            return answer.toString();
        }
    }
}
