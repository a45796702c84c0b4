package io.openme.spi;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a firewall is opened for.
 *
 * @param owner tells two doormen on one host apart: everything that the backend puts on the host carries this tag, and it
 *     never touches what carries another. 1 to 15 lower-case letters, digits and {@code -}, beginning with a letter
 * @param services the guarded services, with distinct names; at least one
 * @param options the backend's own settings, by the keys of {@link FirewallProvider#options()}
 * @param onClose what {@link Firewall#close()} leaves on the host
 */
public record FirewallContext(String owner, List<Service> services, Map<String, String> options, OnClose onClose) {
    /** The tag of a doorman that was given none. */
    public static final String DEFAULT_OWNER = "openme";

    private static final Pattern OWNER = Pattern.compile("[a-z][a-z0-9-]{0,14}");

    /** What stays on the host when a firewall is closed. */
    public enum OnClose {
        /** Every opening goes, the guard stays: the services are closed to everyone. */
        KEEP_GUARD,
        /** Everything of this owner goes: the host is as if openme had never run, and the services are reachable. */
        REMOVE
    }

    /** @throws IllegalArgumentException if the owner has another form, or the services are none or share a name */
    public FirewallContext {
        if (!OWNER.matcher(owner).matches()) {
            throw new IllegalArgumentException(
                    "\"" + owner + "\" is no owner tag; it takes up to 15 lower-case letters,"
                            + " digits and -, beginning with a letter, such as openme");
        }
        services = List.copyOf(services);
        if (services.isEmpty()) {
            throw new IllegalArgumentException("there is no service to guard; name one, such as ssh: [22/tcp]");
        }
        Set<String> names = new HashSet<>();
        for (Service service : services) {
            if (!names.add(service.name())) {
                throw new IllegalArgumentException(
                        "two services are named " + service.name() + "; rename one or merge their ports");
            }
        }
        options = Map.copyOf(options);
        Objects.requireNonNull(onClose, "onClose");
    }

    /** The names of the services, in their order. */
    public Set<String> serviceNames() {
        return services.stream().map(Service::name).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The context of the default owner, without options, that keeps its guard when closed. */
    public static FirewallContext of(Service... services) {
        return new FirewallContext(DEFAULT_OWNER, List.of(services), Map.of(), OnClose.KEEP_GUARD);
    }
}
