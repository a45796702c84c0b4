package io.openme.benchmarks.attack;

import io.openme.spi.Protocol;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import java.net.InetAddress;

/** The network in which it happens: the attacker on one side of the doorman, everybody else on the other. */
final class Arena implements AutoCloseable {
    /** Where the doorman listens. */
    static final int PORT = 54154;

    /** What it guards. */
    static final int GUARDED_PORT = 2222;

    private final TestNetwork network = TestNetwork.create();

    /** Namespaces outlive the process that made them. */
    private final Thread whenInterrupted = new Thread(network::close);

    Arena() {
        Runtime.getRuntime().addShutdownHook(whenInterrupted);
        attacker()
                .run("ip", "route", "add", "local", AttackProgram.IPV4, "dev", "lo")
                .orThrow();
        attacker()
                .run("ip", "-6", "route", "add", "local", AttackProgram.IPV6, "dev", "lo")
                .orThrow();
        attacker().run("sysctl", "-qw", "net.ipv6.ip_nonlocal_bind=1").orThrow();
        doorman()
                .run(
                        "ip",
                        "route",
                        "add",
                        AttackProgram.IPV4,
                        "via",
                        text(attacker().ipv4().get(0)))
                .orThrow();
        doorman()
                .run(
                        "ip",
                        "-6",
                        "route",
                        "add",
                        AttackProgram.IPV6,
                        "via",
                        text(attacker().ipv6().get(0)))
                .orThrow();
        doorman().echo(Protocol.TCP, GUARDED_PORT);
    }

    Host doorman() {
        return network.server();
    }

    Host attacker() {
        return network.client();
    }

    Host friends() {
        return network.other();
    }

    /** The doorman's address for an attacker. */
    String target(Attack attack) {
        return text(
                (attack == Attack.IPV6_PREFIXES ? doorman().ipv6() : doorman().ipv4()).get(0));
    }

    /** The doorman's addresses for its friends. */
    String[] doors() {
        return new String[] {
            text(doorman().ipv4().get(1)), text(doorman().ipv6().get(1))
        };
    }

    private static String text(InetAddress address) {
        return address.getHostAddress();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(whenInterrupted);
        } catch (IllegalStateException e) {
            // It is running.
            return;
        }
        network.close();
    }
}
