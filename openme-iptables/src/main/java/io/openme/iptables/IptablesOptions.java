package io.openme.iptables;

import io.openme.exec.backend.BackendOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The backend's settings, read from their text.
 *
 * @param command what goes before each command
 * @param variant which tools to use; the system's choice if empty
 * @param ipset whether ipset is used
 * @param timeout for each run of a program
 * @param maxOpenings how many openings a service can have at a time, for each of IPv4 and IPv6
 */
record IptablesOptions(
        List<String> command, Optional<Plane> variant, UseOfIpset ipset, Duration timeout, int maxOpenings) {
    /** Whether openings are elements of sets, which the kernel removes in time. */
    enum UseOfIpset {
        /** Where it works. */
        AUTO,
        /** Always, or nothing works. */
        REQUIRED,
        /** Nowhere. */
        NEVER
    }

    static final Set<String> KEYS = Set.of("command", "variant", "ipset", "timeout", "max-openings");

    static IptablesOptions of(Map<String, String> values) {
        BackendOptions options = new BackendOptions("iptables", values);
        String variant = options.oneOf("variant", List.of("auto", "nft", "legacy"));
        return new IptablesOptions(
                options.command(),
                Stream.of(Plane.values())
                        .filter(plane -> plane.toString().equals(variant))
                        .findFirst(),
                UseOfIpset.valueOf(options.oneOf("ipset", List.of("auto", "required", "never"))
                        .toUpperCase(Locale.ROOT)),
                options.timeout(),
                options.maxOpenings());
    }
}
