package io.openme.examples.haproxy;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/**
 * The backend {@code haproxy}: a doorman for what stands behind an HAProxy, with no rights but to its runtime API.
 *
 * <p>HAProxy is told once, in its configuration, to ask a map for each connection that it accepts:
 *
 * <pre>
 * tcp-request connection set-var(sess.until) src,map_ip_int(/etc/haproxy/openme/ssh.map,9223372036854775807)
 * tcp-request connection reject unless { date(0,ms),neg,add(sess.until) gt 0 }
 * </pre>
 *
 * <p>The map says until when an address is admitted, in milliseconds since 1970. An address that it does not know at all is
 * admitted for ever, so an empty map guards nothing. Its file has to be there when HAProxy starts, as OWNER/SERVICE.map; it
 * should close the service to everybody until a doorman comes:
 *
 * <pre>
 * 0.0.0.0/0 0
 * ::/0 0
 * </pre>
 */
public final class HaproxyProvider implements FirewallProvider {
    /** For {@link java.util.ServiceLoader}. */
    public HaproxyProvider() {}

    @Override
    public String name() {
        return "haproxy";
    }

    @Override
    public Set<String> options() {
        return Set.of("socket", "maps");
    }

    @Override
    public Availability probe(FirewallContext context) {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket(context))) {
            HaproxyFirewall firewall = firewall(context);
            firewall.mapsToGuard(haproxy);
            return Availability.usable("HAProxy at " + socket(context) + " has a map for each service");
        } catch (FirewallException e) {
            return Availability.unusable(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Firewall open(FirewallContext context) {
        return firewall(context);
    }

    private static HaproxyFirewall firewall(FirewallContext context) {
        // Nothing is asked of HAProxy here: a preview has to work where there is none.
        for (Service service : context.services()) {
            List<PortRange> strange = service.ports().stream()
                    .filter(ports -> ports.protocol() != Protocol.TCP)
                    .toList();
            if (!strange.isEmpty()) {
                throw new FirewallException(
                        Reason.NOT_SUPPORTED,
                        "HAProxy guards TCP only, and service " + service.name() + " has " + strange
                                + "; leave them out, or use another firewall");
            }
        }
        Path maps = Path.of(context.options().getOrDefault("maps", "/etc/haproxy"));
        return new HaproxyFirewall(context, socket(context), maps.resolve(context.owner()), Clock.systemUTC());
    }

    private static Path socket(FirewallContext context) {
        return Path.of(context.options().getOrDefault("socket", "/run/haproxy/admin.sock"));
    }
}
