package io.openme.exec.backend;

import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/**
 * The guarded ports of one protocol, cut where the services that hold them change: services may share ports, and a port
 * is open while any of its services is, so what judges a port has to know all of them.
 */
public final class PortPartition {
    /**
     * Neighbouring ports that belong to the same services.
     *
     * @param ports the ports
     * @param services the names of all services that hold them, in the order of the configuration; at least one
     */
    public record Segment(PortRange ports, List<String> services) {}

    private PortPartition() {}

    /** The segments, in the order of their ports; none overlaps another. */
    public static List<Segment> of(Protocol protocol, List<Service> services) {
        TreeSet<Integer> cuts = new TreeSet<>();
        for (Service service : services) {
            for (PortRange range : service.ports()) {
                if (range.protocol() == protocol) {
                    cuts.add(range.first());
                    cuts.add(range.last() + 1);
                }
            }
        }
        List<Segment> segments = new ArrayList<>();
        Iterator<Integer> ends = cuts.iterator();
        int first = ends.hasNext() ? ends.next() : 0;
        while (ends.hasNext()) {
            int next = ends.next();
            PortRange ports = new PortRange(protocol, first, next - 1);
            List<String> holders = services.stream()
                    .filter(service -> service.ports().stream().anyMatch(ports::overlaps))
                    .map(Service::name)
                    .toList();
            if (!holders.isEmpty()) {
                segments.add(new Segment(ports, holders));
            }
            first = next;
        }
        return segments;
    }
}
