package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.backend.PortPartition.Segment;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PortPartitionProperties {
    @Property
    void leadsEveryPortToExactlyTheServicesThatHoldIt(
            @ForAll("guardedServices") List<Service> services, @ForAll Protocol protocol) {
        List<Segment> segments = PortPartition.of(protocol, services);

        for (int port = 1; port <= 65535; port = port == 64 ? 65472 : port + 1) {
            PortRange single = PortRange.of(protocol, port);
            List<String> holders = services.stream()
                    .filter(service -> service.ports().stream().anyMatch(single::overlaps))
                    .map(Service::name)
                    .toList();
            List<List<String>> found = segments.stream()
                    .filter(segment -> segment.ports().overlaps(single))
                    .map(Segment::services)
                    .toList();
            assertThat(found).as(single.toString()).isEqualTo(holders.isEmpty() ? List.of() : List.of(holders));
        }
    }

    /** Up to four services with ports near both ends of the port space, where they meet and overlap. */
    @Provide
    Arbitrary<List<Service>> guardedServices() {
        Arbitrary<Integer> port = Arbitraries.oneOf(
                Arbitraries.integers().between(1, 60), Arbitraries.integers().between(65480, 65535));
        Arbitrary<PortRange> range = Combinators.combine(Arbitraries.of(Protocol.values()), port, port)
                .as((protocol, one, another) ->
                        new PortRange(protocol, Math.min(one, another), Math.max(one, another)));
        return range.list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(PortPartitionProperties::services);
    }

    private static List<Service> services(List<List<PortRange>> ports) {
        List<Service> services = new ArrayList<>();
        for (List<PortRange> ranges : ports) {
            List<PortRange> apart = new ArrayList<>();
            for (PortRange range : ranges) {
                if (apart.stream().noneMatch(range::overlaps)) {
                    apart.add(range);
                }
            }
            services.add(new Service("s" + services.size(), apart));
        }
        return services;
    }
}
