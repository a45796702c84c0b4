package io.openme.testkit;

import io.openme.spi.Firewall;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.util.List;

/**
 * Shows a {@link FirewallContract} whom a firewall lets through, where that is seen without sending packets: the door that
 * a server inside this JVM asks, a proxy's answer.
 */
@FunctionalInterface
public interface Reach {
    /** Whether {@code source} reaches this service now, through what {@code firewall} has put in its way. */
    boolean reaches(Firewall firewall, InetAddress source, Service service);

    /** Sources that can be told apart: two of IPv4, then two of IPv6. Addresses for documentation by default. */
    default List<InetAddress> sources() {
        return ContractFixture.SOURCES;
    }
}
