package io.openme.cli;

import io.openme.firewall.Firewalls;
import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes everything of an owner off this host, whatever put it there. */
final class Removal {
    /** Removing does not depend on what was guarded. */
    private static final Service ANY = Service.of("any", "1/tcp");
    /** What was never here has left nothing here. */
    private static final Set<Reason> ABSENT = Set.of(Reason.NOT_INSTALLED, Reason.NOT_SUPPORTED);

    private final Firewalls firewalls;
    private final Optional<String> configured;
    private final FirewallContext context;
    private final FirewallContext contextOfConfigured;

    /** How it went with one firewall. */
    enum Result {
        /** Nothing of the owner is left. */
        GONE,
        /** It can't hold anything of the owner. */
        ABSENT,
        /** Something of the owner may be there still. */
        FAILED
    }

    /**
     * How it went with one firewall.
     *
     * @param detail for a person
     */
    record Outcome(String firewall, Result result, String detail) {}

    /**
     * Removes through these firewalls.
     *
     * @param configured the one that a configuration names
     * @param options that one's
     * @throws IllegalArgumentException if the owner is no owner tag
     */
    Removal(Firewalls firewalls, String owner, Optional<String> configured, Map<String, String> options) {
        this.firewalls = firewalls;
        this.configured = configured;
        this.context = new FirewallContext(owner, List.of(ANY), Map.of(), OnClose.REMOVE);
        this.contextOfConfigured = new FirewallContext(owner, List.of(ANY), options, OnClose.REMOVE);
    }

    /** The firewalls that can have something of the owner: the named one, or all but those that enforce nothing. */
    List<String> places(Optional<String> named) {
        return named.map(List::of)
                .orElseGet(() -> firewalls.providers().stream()
                        .filter(provider -> provider.priority() >= 0)
                        .map(FirewallProvider::name)
                        .toList());
    }

    /** Removes from one of them. A named one has to be usable. */
    Outcome remove(String firewall, boolean named) {
        boolean ours = configured.filter(firewall::equals).isPresent();
        try (Firewall opened = firewalls.open(firewall, ours ? contextOfConfigured : context)) {
            opened.uninstall();
            return opened.capabilities().contains(Capability.ENFORCING)
                    ? new Outcome(firewall, Result.GONE, "nothing of " + context.owner() + " is there any more")
                    : new Outcome(firewall, Result.ABSENT, "guards nothing, so it left nothing");
        } catch (FirewallException e) {
            return ABSENT.contains(e.reason()) && !named && !ours
                    ? new Outcome(firewall, Result.ABSENT, "is not here: " + e.getMessage())
                    : failed(firewall, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // One that is broken must not keep us from the others.
            return failed(firewall, e.toString());
        }
    }

    private static Outcome failed(String firewall, String why) {
        return new Outcome(firewall, Result.FAILED, "FAILED: " + why);
    }
}
