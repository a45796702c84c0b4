package io.openme.nftables;

import io.openme.exec.backend.BackendOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The backend's settings, read from their text.
 *
 * @param command what goes before each command
 * @param nft the program
 * @param timeout for each run of a program
 * @param maxOpenings how many openings a service can have at a time, for each of IPv4 and IPv6
 */
record NftablesOptions(List<String> command, String nft, Duration timeout, int maxOpenings) {
    static final Set<String> KEYS = Set.of("command", "nft", "timeout", "max-openings");

    static NftablesOptions of(Map<String, String> values) {
        BackendOptions options = new BackendOptions("nftables", values);
        return new NftablesOptions(
                options.command(), options.program("nft", "nft"), options.timeout(), options.maxOpenings());
    }

    /**
     * What the kernel's bound of a set is. It counts elements that are over until it collects them, up to a second later, and
     * one more while one is replaced: so that neither keeps out an opening for which there is room, or a close.
     */
    int setSize() {
        return 2 * maxOpenings + 1;
    }
}
