package io.openme.spi;

import java.util.Set;

/**
 * Makes {@link Firewall}s of one kind. Found through {@link java.util.ServiceLoader}, so an implementation has a public
 * constructor without parameters, which does nothing.
 */
public interface FirewallProvider {
    /** The name that a configuration selects this backend by, in kebab case, such as {@code nftables}. */
    String name();

    /**
     * Decides between several usable backends when none was named: the highest wins, and two with the same highest are
     * an error that names both. A backend that does not enforce anything should never win: it returns a negative one.
     */
    default int priority() {
        return 0;
    }

    /** The option keys that {@link #open} understands, in kebab case. Any other key is refused before it is called. */
    default Set<String> options() {
        return Set.of();
    }

    /**
     * Says whether this backend is usable here, or why not. Changes nothing on the host, returns within 5 seconds and
     * throws nothing: an exception counts as not usable.
     */
    Availability probe(FirewallContext context);

    /**
     * Makes a firewall for these services. Changes nothing on the host: {@link Firewall#install} does.
     *
     * @throws FirewallException if an option has a bad value or the host's tool can't be used
     */
    Firewall open(FirewallContext context);
}
