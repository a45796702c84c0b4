package io.openme.internal.listener;

import io.openme.internal.tls.ServerTls;
import io.openme.protocol.IpLiteral;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that listens for knocks and, on request, behaves badly with the descriptors that it has.
 *
 * <p>Its argument is the directory of its certificates. It writes {@code > PORT}, and then {@code > RESULT} for each line
 * that it reads: {@code fork} starts a program, {@code hoard} takes all descriptors and says how many those
 * were, {@code release} gives them back, {@code connected} says how many peers are connected. It
 * ends with its standard input.
 */
final class StarvedDoor {
    private static final List<InputStream> HOARD = new ArrayList<>();

    private StarvedDoor() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        ServerTls tls = new ServerTls(
                Identity.ofPem(directory.resolve("server.crt"), directory.resolve("server.key")),
                Trust.ofPem(directory.resolve("ca.crt")),
                Clock.systemUTC(),
                false);
        try (KnockListener listener = new KnockListener(
                        List.of(new InetSocketAddress(
                                IpLiteral.parse("127.0.0.1").orElseThrow(), 0)),
                        Limits.defaults(),
                        tls::newServerEngine,
                        new Doorbell());
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            listener.start();
            System.out.println("> " + listener.addresses().get(0).getPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println("> " + obey(line, listener));
            }
        }
    }

    private static String obey(String line, KnockListener listener) throws IOException {
        return switch (line) {
            case "fork" -> fork();
            case "hoard" -> hoard();
            case "release" -> release();
            case "connected" -> Integer.toString(listener.connections());
            default -> throw new IOException("what is " + line + "?");
        };
    }

    private static String fork() {
        try {
            return "exit code " + new ProcessBuilder("true").start().waitFor();
        } catch (IOException | InterruptedException e) {
            return e.toString();
        }
    }

    private static String hoard() {
        while (true) {
            try {
                HOARD.add(new FileInputStream("/dev/null"));
            } catch (IOException e) {
                return Integer.toString(HOARD.size());
            }
        }
    }

    private static String release() throws IOException {
        for (InputStream each : HOARD) {
            each.close();
        }
        return "released";
    }
}
