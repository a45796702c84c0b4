package io.openme.firewall;

import io.openme.internal.text.Nearest;
import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The firewall backends at hand, and the choice among them.
 *
 * <p>A provider that can't be loaded is skipped and reported; it never keeps the others from being used.
 */
public final class Firewalls {
    /** Providers of a negative priority are never chosen unless they are named. */
    static final int ONLY_WHEN_NAMED = -1;

    private static final Logger LOG = LoggerFactory.getLogger(Firewalls.class);

    private final List<FirewallProvider> providers;

    private Firewalls(List<FirewallProvider> providers) {
        this.providers = providers;
    }

    /** The providers that {@link ServiceLoader} finds with the thread's context class loader. */
    public static Firewalls onClassPath() {
        List<FirewallProvider> found = new ArrayList<>();
        Iterator<FirewallProvider> providers =
                ServiceLoader.load(FirewallProvider.class).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return of(found);
                }
                found.add(providers.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("A firewall backend on the class path is broken and left out: {}", e.toString());
            }
        }
    }

    /**
     * These providers.
     *
     * @throws FirewallException if two have the same name
     */
    public static Firewalls of(List<FirewallProvider> providers) {
        providers.stream()
                .collect(Collectors.groupingBy(FirewallProvider::name))
                .forEach((name, same) -> {
                    if (same.size() > 1) {
                        throw new FirewallException(
                                Reason.MISCONFIGURED,
                                "two firewall backends are named " + name + ": "
                                        + same.stream()
                                                .map(p -> p.getClass().getName())
                                                .collect(Collectors.joining(" and "))
                                        + "; take one off the class path");
                    }
                });
        return new Firewalls(providers.stream()
                .sorted(Comparator.comparingInt(FirewallProvider::priority)
                        .reversed()
                        .thenComparing(FirewallProvider::name))
                .toList());
    }

    /** Every provider, the highest priority first. */
    public List<FirewallProvider> providers() {
        return providers;
    }

    /**
     * Opens the backend of this name. It is not probed first: its own error says more.
     *
     * @throws FirewallException if there is none of this name, an option is unknown, or it can't be opened
     */
    public Firewall open(String name, FirewallContext context) {
        for (FirewallProvider provider : providers) {
            if (provider.name().equals(name)) {
                return open(provider, context);
            }
        }
        throw new FirewallException(
                Reason.MISCONFIGURED,
                "there is no firewall backend named \"" + name + "\"; known are "
                        + providers.stream().map(FirewallProvider::name).collect(Collectors.joining(", "))
                        + " (is the backend's jar on the class path?)");
    }

    /**
     * Opens the usable backend of the highest priority.
     *
     * @throws FirewallException if none is usable (each is listed with its reason), two share the highest priority, or it
     *     can't be opened
     */
    public Firewall openBest(FirewallContext context) {
        List<FirewallProvider> best = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (FirewallProvider provider : providers) {
            if (provider.priority() < 0) {
                reasons.add(provider.name() + ": only used when it is named");
                continue;
            }
            if (!best.isEmpty() && provider.priority() < best.get(0).priority()) {
                break;
            }
            Availability availability = probe(provider, context);
            if (availability.usable()) {
                best.add(provider);
            } else {
                reasons.add(provider.name() + ": " + availability.detail());
            }
        }
        if (best.isEmpty()) {
            throw new FirewallException(
                    Reason.NOT_SUPPORTED, "no firewall is usable here\n  " + String.join("\n  ", reasons));
        }
        if (best.size() > 1) {
            throw new FirewallException(
                    Reason.MISCONFIGURED,
                    "several firewalls are equally good here: "
                            + best.stream().map(FirewallProvider::name).collect(Collectors.joining(" and "))
                            + "; name the one to use");
        }
        return open(best.get(0), context);
    }

    /** {@link FirewallProvider#probe}, with whatever a broken backend throws as the reason why it is not usable. */
    public static Availability probe(FirewallProvider provider, FirewallContext context) {
        try {
            return provider.probe(context);
        } catch (RuntimeException | LinkageError e) {
            return Availability.unusable("its probe failed: " + e);
        }
    }

    private static Firewall open(FirewallProvider provider, FirewallContext context) {
        for (String key : context.options().keySet()) {
            if (!provider.options().contains(key)) {
                throw new FirewallException(
                        Reason.MISCONFIGURED,
                        "firewall " + provider.name() + " has no option \"" + key + "\""
                                + Nearest.to(key, provider.options())
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("; it has "
                                                + (provider.options().isEmpty() ? "none" : provider.options())));
            }
        }
        return provider.open(context);
    }
}
