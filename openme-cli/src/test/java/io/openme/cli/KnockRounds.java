package io.openme.cli;

import io.openme.knocker.KnockResult;
import io.openme.knocker.Knocker;
import io.openme.protocol.Command;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Knocks, connects and closes again and again, and writes the milliseconds of the first two on a line each: a program of
 * its own, since a JVM can't change its network namespace.
 */
final class KnockRounds {
    private static final int SECONDS = 10;

    private KnockRounds() {}

    /** ROUNDS CA CERTIFICATE KEY ADDRESS PORT. */
    public static void main(String[] arguments) throws IOException {
        Knocker knocker = Knocker.builder()
                .trust(Trust.ofPem(Path.of(arguments[1])))
                .identity(Identity.ofPem(Path.of(arguments[2]), Path.of(arguments[3])))
                .server(arguments[4])
                .build();
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            long began = System.nanoTime();
            granted(knocker.open());
            long granted = System.nanoTime();
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(arguments[4], Integer.parseInt(arguments[5])), SECONDS * 1000);
            }
            long connected = System.nanoTime();
            granted(knocker.knock(Command.close()));
            System.out.printf(Locale.ROOT, "%.3f %.3f%n", (granted - began) / 1e6, (connected - granted) / 1e6);
        }
    }

    private static void granted(KnockResult result) throws IOException {
        if (!result.granted()) {
            throw new IOException(result.detail());
        }
    }
}
