package io.openme.iptables;

import io.openme.iptables.IptablesOptions.UseOfIpset;
import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Opening;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend {@code iptables}: guards TCP and UDP over IPv4 and IPv6, for this host and for published ports of containers
 * on it. For hosts without nftables, or where everything else is done with iptables.
 *
 * <p>With ipset the kernel keeps the lifetimes of openings, in whole seconds, rounded down, so that one of less than a
 * second opens nothing, and for no more than 24 days. Without ipset it is the doorman that closes them; if it dies, they
 * stay until the next start, or until the end of their lifetime by the kernel's wall clock, if nobody turns that back.
 *
 * <p>Its options:
 *
 * <ul>
 *   <li>{@code command}: what goes before each command, separated by spaces, such as {@code sudo -n} or
 *       {@code ip netns exec blue}; nothing by default
 *   <li>{@code variant}: {@code nft} or {@code legacy}, the two implementations of iptables; {@code auto}, what
 *       {@code iptables} is on this host, by default
 *   <li>{@code ipset}: {@code auto}, where it works, by default; {@code required}, or no start; {@code never}
 *   <li>{@code timeout}: how long one run of a program may take, such as {@code 2s}, of which all but a second is for
 *       the xtables lock; {@code 5s} by default
 *   <li>{@code max-openings}: how many openings a service can have at a time, for each of IPv4 and IPv6, so that the
 *       kernel's memory is bounded; 65536 by default, and never more than 1000 without ipset
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
 *   <li>From a UDP port that is cut, this host begins to send only to who has an opening. A container whose port is
 *       published under its own number can revive a connection that is cut, by going on to send when conntrack has
 *       forgotten it.
 *   <li>TCP connections older than the guard go on, without ipset the first 256 of them. A UDP exchange does only where the
 *       kernel tracked connections already, as any firewall with connection states makes it; elsewhere its peer needs an
 *       opening.
 *   <li>IPv4 and IPv6 are changed one after the other, so a failure can leave one of them done.
 *   <li>It does not get on with another program that insists on the first rule of PREROUTING or INPUT in the table mangle.
 * </ul>
 */
public final class IptablesProvider implements FirewallProvider {
    private static final Logger LOG = LoggerFactory.getLogger(IptablesProvider.class);

    /** All runs have to fit into the 5 seconds of a probe, with what it takes to end them. */
    private static final Duration PROBE_TIMEOUT = Duration.ofMillis(4200);

    private final Clock clock;
    private final Families families;

    /** For {@link java.util.ServiceLoader}. */
    public IptablesProvider() {
        this(Clock.systemUTC(), Families.OF_THIS_HOST);
    }

    IptablesProvider(Clock clock, Families families) {
        this.clock = clock;
        this.families = families;
    }

    @Override
    public String name() {
        return "iptables";
    }

    @Override
    public int priority() {
        return 50;
    }

    @Override
    public Set<String> options() {
        return IptablesOptions.KEYS;
    }

    @Override
    public Availability probe(FirewallContext context) {
        try {
            IptablesOptions options = IptablesOptions.of(context.options());
            Tools tools = new Tools(options, families).within(PROBE_TIMEOUT);
            String found = tools.version() + ", " + ipset(options, tools);
            Names names = new Names(context.owner());
            Rules rules = new Rules(names, context.services());
            for (Family family : tools.families()) {
                // Sets that are not there can't be named, so this asks for all but their match.
                PlainOpening sample = PlainOpening.of(
                        new Opening(
                                Sets.address(family.nobody()),
                                context.services().get(0).name()),
                        Duration.ofHours(1),
                        clock.instant());
                tools.check(tools.restore(
                        family, rules.install(family, Mangle.EMPTY, Rules.byRules(family, List.of(sample)), "")));
            }
            return Availability.usable(found);
        } catch (FirewallException e) {
            return Availability.unusable(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Firewall open(FirewallContext context) {
        IptablesOptions options = IptablesOptions.of(context.options());
        Tools tools = new Tools(options, families);
        boolean ipset = options.ipset() != UseOfIpset.NEVER;
        if (options.ipset() == UseOfIpset.AUTO) {
            try {
                tools.sets();
            } catch (FirewallException e) {
                ipset = !isMissing(e);
                if (!ipset) {
                    LOG.warn("Without ipset it is the doorman that closes what it opened: {}", e.getMessage());
                }
            }
        }
        return new IptablesFirewall(context, options, tools, ipset, clock, System::nanoTime);
    }

    private static String ipset(IptablesOptions options, Tools tools) {
        if (options.ipset() == UseOfIpset.NEVER) {
            return "without ipset";
        }
        try {
            return tools.ipsetVersion();
        } catch (FirewallException e) {
            if (options.ipset() == UseOfIpset.AUTO && isMissing(e)) {
                return "without ipset: " + e.getMessage();
            }
            throw e;
        }
    }

    /** Any other failure is told by the install, and does not change what is used. */
    private static boolean isMissing(FirewallException failure) {
        return failure.reason() == Reason.NOT_INSTALLED || failure.reason() == Reason.NOT_SUPPORTED;
    }
}
