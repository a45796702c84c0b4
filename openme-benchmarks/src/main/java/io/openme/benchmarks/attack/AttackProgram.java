package io.openme.benchmarks.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * The attacker, a program of its own: {@code ATTACK ADDRESS PORT CONNECTIONS DIRECTORY}. It ends with its standard input.
 *
 * <p>It comes from 250 addresses of IPv4, no two of them in the same /16; in the attack by
 * IPv6 each of 10,000 connections has a /64 of its own, 50 of them in each of 200 networks of /48, which are of four providers.
 */
final class AttackProgram {
    /** Where its connections by IPv4 come from. */
    static final String IPV4 = "10.0.0.0/8";

    /** And those by IPv6: for documentation, by RFC 9637. */
    static final String IPV6 = "3fff:a00::/30";

    private static final int ADDRESSES = 250;

    /** Answers that are not read stay with the doorman. */
    private static final int LITTLE = 2304;

    private AttackProgram() {}

    public static void main(String[] arguments) throws IOException {
        endWithInput();
        Attack attack = Attack.of(arguments[0]);
        InetSocketAddress target =
                new InetSocketAddress(InetAddress.getByName(arguments[1]), Integer.parseInt(arguments[2]));
        boolean six = attack == Attack.IPV6_PREFIXES;
        new Crowd(
                        target,
                        number -> six ? sixth(number) : fourth(number),
                        new Behaviours(Path.of(arguments[4])).of(attack),
                        attack == Attack.SLOW_READERS ? LITTLE : 0)
                .attack(Integer.parseInt(arguments[3]));
    }

    private static void endWithInput() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // Whoever started this is gone.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private static InetAddress fourth(int number) {
        return address(new byte[] {10, (byte) (1 + number % ADDRESSES), 0, 1});
    }

    private static InetAddress sixth(int number) {
        byte[] bytes = new byte[16];
        bytes[0] = 0x3f;
        bytes[1] = (byte) 0xff;
        bytes[2] = 0x0a;
        bytes[3] = (byte) (number % 4);
        bytes[5] = (byte) (number / 4 % 50);
        bytes[7] = (byte) (number / 200 % 50);
        bytes[15] = 1;
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
