package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.Host.Probe;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Packets of a host and what is to become of them: all are sent at once, so that many drops take as long as one. */
final class Packets {
    private final Host host;
    private final Map<Probe, Verdict> expected = new HashMap<>();
    private InetAddress from;
    private InetAddress to;

    Packets(Host host) {
        this.host = host;
        this.from = host.ipv4().get(0);
        this.to = from;
    }

    /** The source of those that follow. */
    Packets from(InetAddress source) {
        from = source;
        return this;
    }

    /** The destination of those that follow. */
    Packets to(InetAddress destination) {
        to = destination;
        return this;
    }

    Packets are(Verdict verdict, Protocol protocol, int... ports) {
        for (int port : ports) {
            expected.put(new Probe(protocol, from, to, port), verdict);
        }
        return this;
    }

    /** Sends again what was dropped and should not have been: what a busy machine loses was not dropped by a firewall. */
    void check() {
        Map<Probe, Verdict> found = new HashMap<>(host.probe(expected.keySet()));
        for (int i = 1; i < ContractFixture.TRIES && !lost(found).isEmpty(); i++) {
            found.putAll(host.probe(lost(found)));
        }
        assertThat(found).isEqualTo(expected);
    }

    private Set<Probe> lost(Map<Probe, Verdict> found) {
        return expected.keySet().stream()
                .filter(probe -> found.get(probe) == Verdict.DROPPED && expected.get(probe) != Verdict.DROPPED)
                .collect(Collectors.toSet());
    }
}
