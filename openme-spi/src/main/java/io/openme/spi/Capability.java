package io.openme.spi;

/** What a firewall promises beyond the least. */
public enum Capability {
    /** {@link Firewall#apply} and {@link Firewall#install} take effect as a whole or not at all. */
    ATOMIC,
    /**
     * An opening ends at the end of its lifetime even when this process is dead by then, no later than the host's timer
     * resolution.
     */
    KERNEL_EXPIRY,
    /** A service can {@linkplain Service.Established#CUT cut} connections when an opening ends. */
    CUT,
    /** Packets from an address without an opening do not reach a guarded port. A dry run has this not. */
    ENFORCING,
    /** New connections to the doorman's own ports can be {@linkplain Firewall#limitDoor limited}, for each source. */
    DOOR_LIMIT
}
