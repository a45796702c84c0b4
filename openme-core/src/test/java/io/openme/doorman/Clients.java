package io.openme.doorman;

import io.openme.firewall.InProcessFirewall;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A doorman's surroundings: a CA, some clients of it, and what they say. */
final class Clients {
    final TestCa ca;
    final TestCertificate server;
    final InProcessFirewall firewall = new InProcessFirewall();

    Clients(TestCa ca) {
        this.ca = ca;
        this.server = ca.server("127.0.0.1").issue();
    }

    Identity identity() {
        return Identity.of(server.key(), server.chain());
    }

    Trust trust() {
        return Trust.of(ca.certificate());
    }

    /** One that guards {@code ssh} and {@code web} on a free port, with this policy. */
    DoormanBuilder doorman(AccessPolicy policy) {
        return Doorman.builder()
                .identity(identity())
                .trust(trust())
                .policy(policy)
                .listen(new InetSocketAddress(address("127.0.0.1"), 0))
                .service("ssh", "22/tcp")
                .service("web", "80/tcp", "443/tcp")
                .firewall(firewall);
    }

    Client client(String name) {
        return Client.of(ca.client(name).issue().certificate());
    }

    /** Says a line of openme/2, as if it came from this address. */
    static Reply say(Doorman doorman, Client client, String from, String line) throws Exception {
        return doorman.handle(client, address(from), Request.parse(line))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    static Reply opened(String address, long seconds, String... services) {
        return new Reply.Opened(address(address), Set.of(services), Duration.ofSeconds(seconds));
    }

    static Reply.Held held(String address, String service, long seconds) {
        return new Reply.Held(address(address), service, Duration.ofSeconds(seconds), Optional.empty());
    }

    static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
