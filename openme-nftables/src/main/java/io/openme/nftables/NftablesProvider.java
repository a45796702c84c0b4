package io.openme.nftables;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallProvider;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The backend {@code nftables}: guards TCP and UDP over IPv4 and IPv6, for this host and for published ports of
 * containers on it, with lifetimes that the kernel keeps.
 *
 * <p>Its options:
 *
 * <ul>
 *   <li>{@code command}: what goes before each command, separated by spaces, such as {@code sudo -n} or
 *       {@code ip netns exec blue}; nothing by default
 *   <li>{@code nft}: the program, by its name or its path; {@code nft} by default, looked for in the system's directories
 *   <li>{@code timeout}: how long one run may take, such as {@code 500ms}; {@code 5s} by default
 *   <li>{@code max-openings}: how many openings a service can have at a time, for each of IPv4 and IPv6, so that the
 *       kernel's memory is bounded (about 100 bytes each); 65536 by default
 * </ul>
 *
 * <p>What it can't do:
 *
 * <ul>
 *   <li>A port that is open here can be closed all the same by other rules of the host, which then have to let it pass.
 *   <li>Containers are strangers, too: one that reaches a published port through an address of this host needs an
 *       opening. What goes from container to container, or through this host to another, is not guarded.
 *   <li>A published port of a container is not guarded behind an address that is not in the routing table {@code local}, such
 *       as that of a VRF.
 *   <li>From a UDP port that is cut, whoever uses an address of this host begins to send only to who has an opening.
 *   <li>TCP connections older than the guard go on. A UDP exchange does only where the kernel tracked connections
 *       already, as any firewall with connection states makes it; elsewhere its peer needs an opening.
 * </ul>
 */
public final class NftablesProvider implements FirewallProvider {
    /** Two runs have to fit into the 5 seconds of a probe, with what it takes to end them. */
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    /** For {@link java.util.ServiceLoader}. */
    public NftablesProvider() {}

    @Override
    public String name() {
        return "nftables";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Set<String> options() {
        return NftablesOptions.KEYS;
    }

    @Override
    public Availability probe(FirewallContext context) {
        try {
            NftablesOptions options = NftablesOptions.of(context.options());
            Nft nft = new Nft(options).within(PROBE_TIMEOUT);
            String version = nft.version();
            nft.check(new Ruleset(context, options.setSize()).install(List.of(), List.of()));
            return Availability.usable(version);
        } catch (FirewallException e) {
            return Availability.unusable(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Firewall open(FirewallContext context) {
        return new NftablesFirewall(context, NftablesOptions.of(context.options()), System::nanoTime);
    }
}
