package io.openme.spi;

import java.util.Locale;

/** A transport protocol that a guarded port belongs to. */
public enum Protocol {
    /** TCP, RFC 9293. */
    TCP,
    /** UDP, RFC 768. */
    UDP;

    /** {@code tcp} or {@code udp}: the spelling of configuration files and of the host's tools. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
