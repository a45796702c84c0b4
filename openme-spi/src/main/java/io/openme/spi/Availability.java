package io.openme.spi;

import java.util.Objects;

/**
 * Whether a firewall can be used on this host, by this user, now.
 *
 * @param usable whether {@link FirewallProvider#open} is worth a try
 * @param detail for a person: what was found (such as a version), or why it is not usable and what to do about it
 */
public record Availability(boolean usable, String detail) {
    /** Refuses null. */
    public Availability {
        Objects.requireNonNull(detail, "detail");
    }

    /** Usable; {@code detail} tells what was found. */
    public static Availability usable(String detail) {
        return new Availability(true, detail);
    }

    /** Not usable; {@code reason} tells why, and what to do about it. */
    public static Availability unusable(String reason) {
        return new Availability(false, reason);
    }
}
