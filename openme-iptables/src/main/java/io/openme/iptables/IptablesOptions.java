package io.openme.iptables;

import io.openme.exec.backend.BackendOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The backend's settings, read from their text.
 *
 * @param command what goes before each command
 * @param variant which tools to use; the system's choice if empty
 * @param mayUseIpset whether ipset is used where it works
 * @param timeout for each run of a program
 * @param maxOpenings how many openings a service can have at a time, for each of IPv4 and IPv6
 */
record IptablesOptions(
        List<String> command, Optional<Plane> variant, boolean mayUseIpset, Duration timeout, int maxOpenings) {
    static final Set<String> KEYS = Set.of("command", "variant", "ipset", "timeout", "max-openings");

    static IptablesOptions of(Map<String, String> values) {
        BackendOptions options = new BackendOptions("iptables", values);
        String variant = options.oneOf("variant", List.of("auto", "nft", "legacy"));
        return new IptablesOptions(
                options.command(),
                Stream.of(Plane.values())
                        .filter(plane -> plane.toString().equals(variant))
                        .findFirst(),
                options.oneOf("ipset", List.of("auto", "never")).equals("auto"),
                options.timeout(),
                options.maxOpenings());
    }
}
