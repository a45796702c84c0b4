package io.openme.firewall;

import io.openme.spi.Capability;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Has a firewall limit how fast others may connect to the doorman itself. */
public final class FrontDoor {
    private FrontDoor() {}

    /**
     * Asks for a limit, from the next install on, if other hosts can get to these addresses at all.
     *
     * @param addresses that are listened on, resolved; one with port 0 has no door yet
     * @param limit for each source
     * @return false if this firewall can't
     */
    public static boolean limit(Firewall firewall, Collection<InetSocketAddress> addresses, DoorLimit limit) {
        SortedSet<Integer> ports = addresses.stream()
                .filter(address -> !address.getAddress().isLoopbackAddress())
                .map(InetSocketAddress::getPort)
                .filter(port -> port != 0)
                .collect(Collectors.toCollection(TreeSet::new));
        if (ports.isEmpty()) {
            return true;
        }
        boolean can = firewall.capabilities().contains(Capability.DOOR_LIMIT);
        if (can) {
            firewall.limitDoor(ports, limit);
        }
        return can;
    }
}
