package io.openme.doorman;

import io.openme.spi.FirewallException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Hears what a doorman does.
 *
 * <p>Called by the doorman's own threads, in the order in which things happened as far as one client is concerned. A
 * method returns soon and throws nothing: what it throws is logged and goes no further.
 */
public interface DoormanListener {
    /** A client's grant is there: the firewall has committed it. Called before the client is told. */
    default void opened(Opened event) {}

    /** A client took its grant back. */
    default void closed(Closed event) {}

    /** A grant has ended by itself. */
    default void expired(Expired event) {}

    /** Somebody was turned away. */
    default void refused(Refused event) {}

    /** The firewall does not do what it should; the doorman answers {@code KO} and keeps mending it. */
    default void troubled(Troubled event) {}

    /** The firewall is again what it should be. */
    default void recovered(Recovered event) {}

    /**
     * Somebody other than this doorman had changed its part of the firewall, such as by flushing the ruleset; it is again
     * what it should be.
     */
    default void restored(Restored event) {}

    /**
     * A client's grant is there.
     *
     * @param client whose it is
     * @param address who is admitted
     * @param services to what
     * @param until how long
     */
    record Opened(Client client, InetAddress address, Set<String> services, Instant until) {}

    /**
     * A client took its grant back.
     *
     * @param client whose it was
     * @param address who was admitted
     * @param services to what; none if there was nothing to take back
     */
    record Closed(Client client, InetAddress address, Set<String> services) {}

    /**
     * A grant has ended by itself.
     *
     * @param client whose it was
     * @param address who was admitted
     * @param service to what
     */
    record Expired(Client client, InetAddress address, String service) {}

    /**
     * Somebody was turned away.
     *
     * @param client who; empty if it did not get as far as proving it
     * @param peer the address that the connection came from
     * @param reason why, in words that hold nothing unsanitised of the peer
     */
    record Refused(Optional<Client> client, InetAddress peer, String reason) {}

    /**
     * The firewall does not do what it should.
     *
     * @param cause what it said
     */
    record Troubled(FirewallException cause) {}

    /**
     * The firewall is again what it should be.
     *
     * @param openings how many openings it admits
     */
    record Recovered(int openings) {}

    /**
     * What somebody else had changed is put back.
     *
     * @param openings how many openings the firewall admits
     */
    record Restored(int openings) {}
}
