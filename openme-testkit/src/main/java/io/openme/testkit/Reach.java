package io.openme.testkit;

import io.openme.spi.Firewall;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shows a {@link FirewallContract} whom a firewall lets through, where that is seen without sending packets: the door that
 * a server inside this JVM asks, a proxy's answer.
 */
@FunctionalInterface
public interface Reach {
    /** Whether {@code source} reaches this service now, through what {@code firewall} has put in its way. */
    boolean reaches(Firewall firewall, InetAddress source, Service service);

    /** Who of the {@link #sources()} reaches which of these services now. */
    default Set<Opening> reached(Firewall firewall, Collection<Service> services) {
        Set<Opening> reached = new HashSet<>();
        for (Service service : services) {
            for (InetAddress source : sources()) {
                if (reaches(firewall, source, service)) {
                    reached.add(new Opening(source, service.name()));
                }
            }
        }
        return reached;
    }

    /** Sources that can be told apart: two of IPv4, then two of IPv6. Addresses for documentation by default. */
    default List<InetAddress> sources() {
        return ContractFixture.SOURCES;
    }
}
