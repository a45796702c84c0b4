package io.openme.spi;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;

/**
 * Keeps the guarded services closed to every source but those of its openings.
 *
 * <p>Loopback traffic and established connections are never cut by a guard, but for connections to a service that says
 * {@link Service.Established#CUT}: those live by an opening only.
 *
 * <p>Its methods are called by one thread at a time. They may block, each for a bounded time. After a
 * {@link FirewallException} that is not {@linkplain FirewallException#nothingChanged() harmless} the state of the host is
 * unknown, and the caller's next call is {@link #install}.
 */
public interface Firewall extends AutoCloseable {
    /** What this firewall promises; the same at each call. The first may ask the host. */
    Set<Capability> capabilities();

    /**
     * How many openings each service has room for, for each of IPv4 and IPv6; empty where only memory bounds them. More than
     * zero, and the same at each call. A caller lets no client take all of it.
     */
    default OptionalInt room() {
        return OptionalInt.empty();
    }

    /**
     * From the next {@link #install} on, new TCP connections of other hosts to these ports are limited, until this firewall
     * is closed, whatever that leaves. Changes nothing on the host. At most once, before the first install, and only for a
     * firewall with {@link Capability#DOOR_LIMIT}, so others need not have this.
     *
     * <p>What is over the limit is dropped without an answer, so that its sender tries again. Connections that are there,
     * loopback, and every other port are as if there were no limit. One that can't count a source any more, for lack of
     * room, lets it through: the doorman defends itself, too.
     *
     * @param ports the doorman's own; at least one, none of them guarded
     * @param limit for each source
     * @throws UnsupportedOperationException if this firewall can't
     */
    default void limitDoor(SortedSet<Integer> ports, DoorLimit limit) {
        throw new UnsupportedOperationException("this firewall limits no door");
    }

    /**
     * Puts the guard in place and makes exactly these the openings. Whatever was there of this owner before, such as the
     * rest of a run that crashed, is replaced; an opening that is in both stays without a gap.
     *
     * @throws FirewallException if it did not work; then, with {@link Capability#ATOMIC}, what was there is still there
     * @throws IllegalArgumentException if one of them is of a service that is not guarded; then nothing changed
     */
    void install(List<Change.Open> openings);

    /**
     * Applies these changes, in their order. When it returns, the host has committed them.
     *
     * @throws FirewallException if it did not work; {@link FirewallException#nothingChanged()} tells what that leaves
     * @throws IllegalArgumentException if one of them is of a service that is not guarded; then nothing changed
     */
    void apply(List<? extends Change> changes);

    /** The openings that the host really admits now, read from the host. May be slow: linear in their number. */
    Set<Opening> openings();

    /**
     * Whether the guard is on the host as the last {@link #install} put it there: false once somebody has flushed, removed or
     * changed it. Read from the host, and constant in the number of openings, so it may be asked twice a second. It does not
     * say whether each opening is still there.
     *
     * @throws FirewallException if the host can't be asked
     */
    boolean intact();

    /**
     * What {@link #install} would hand to the host with these openings, for a person to read: the very input of the host's
     * tool where there is one. Changes nothing, needs no permission.
     */
    String preview(List<Change.Open> openings);

    /**
     * Removes everything of this owner from the host, whichever run and services put it there. Idempotent; no
     * {@link #install} is needed before, and one may follow. {@link #close()} puts nothing back.
     *
     * @throws FirewallException if something of it may still be there
     */
    void uninstall();

    /**
     * Closes every opening, and leaves the guard as {@link FirewallContext#onClose()} says. Idempotent. Before the first
     * {@link #install} it only lets go of what this object holds, and changes nothing on the host: another doorman of this
     * owner may be at work there.
     *
     * @throws FirewallException if the host could not be brought there; nothing is held open by this object all the same
     */
    @Override
    void close();
}
