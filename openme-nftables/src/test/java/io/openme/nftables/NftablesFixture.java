package io.openme.nftables;

import static java.util.stream.Collectors.joining;

import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Firewalls on the server of a test network, which begins each test without any. */
abstract class NftablesFixture {
    static final List<Service> SERVICES = List.of(
            Service.of("ssh", "2022/tcp"),
            Service.of("web", "2080/tcp", "2080/udp", "2090-2095/tcp"),
            Service.of("admin", "2095-2100/tcp"));
    static final Duration LONG = Duration.ofHours(1);

    final Host server;
    final Host client;
    final Host other;

    NftablesFixture(TestNetwork network) {
        server = network.server();
        client = network.client();
        other = network.other();
    }

    @AfterEach
    void removeEveryFirewall() {
        server.run("nft", "flush", "ruleset").orThrow();
    }

    FirewallContext context(Map<String, String> options, OnClose onClose) {
        Map<String, String> all = new HashMap<>(Map.of("command", prefix(""), "timeout", "20s"));
        all.putAll(options);
        return new FirewallContext("openme", SERVICES, all, onClose);
    }

    Firewall firewall(Map<String, String> options) {
        return new NftablesProvider().open(context(options, OnClose.KEEP_GUARD));
    }

    Firewall firewall() {
        return firewall(Map.of());
    }

    /** The option that leads a command to the server, and there to another command. */
    String prefix(String command) {
        return server.prefix().stream().collect(joining(" ")) + " " + command;
    }

    void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-").orThrow();
    }

    String ruleset() {
        return server.run("nft", "list", "ruleset").orThrow().output();
    }

    static Change.Open open(InetAddress source, String service, Duration lifetime) {
        return new Change.Open(new Opening(source, service), lifetime);
    }

    static Change.Open open(InetAddress source, String service) {
        return open(source, service, LONG);
    }

    static Change.Close close(InetAddress source, String service) {
        return new Change.Close(new Opening(source, service));
    }
}
