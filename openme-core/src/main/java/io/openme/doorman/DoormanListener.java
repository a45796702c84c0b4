package io.openme.doorman;

import io.openme.protocol.Refusal;
import io.openme.spi.FirewallException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Hears what a doorman does.
 *
 * <p>Called by the doorman's own threads, in the order in which things happened as far as one client is concerned. A
 * method returns soon and throws nothing: what it throws is logged and goes no further.
 */
public interface DoormanListener {
    /** It listens and guards. */
    default void started(Started event) {}

    /** It has stopped. The last event. */
    default void stopped(Stopped event) {}

    /** A client has proved who it is; what it wants is not known yet. */
    default void connected(Connected event) {}

    /** A client's grant is there: the firewall has committed it. Called before the client is told. */
    default void opened(Opened event) {}

    /** A client's grant was there already and has a new end. Called before the client is told. */
    default void renewed(Renewed event) {}

    /** A grant was taken back by its client, or by an administrator. */
    default void closed(Closed event) {}

    /** A grant has ended by itself. */
    default void expired(Expired event) {}

    /** A grant was taken from its client: it was revoked, or the policy allows it no longer. */
    default void revoked(Revoked event) {}

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

    /** Certificates, revocation lists and policy were read anew and are in force. */
    default void reloaded(Reloaded event) {}

    /** What should have been reloaded can't be used; everything is as it was. */
    default void reloadFailed(ReloadFailed event) {}

    /** Something ends soon, or has ended, that keeps clients out: the doorman's certificate, a CA, a revocation list. */
    default void expiring(Expiring event) {}

    /**
     * The doorman can't go on: one of its threads has died, or has been busy with one thing for longer than
     * {@link DoormanBuilder#patience}. It takes no more knocks; the guard stays, and what is open ends in its time as far as
     * the firewall and what is left of the doorman can see to that. It does not recover: close it, and start another, or end
     * the process. Called at most once, by a thread that waits for nothing else, and that may close the doorman.
     */
    default void failed(Failed event) {}

    /** What keeps this listener from its work, in words for {@link Doorman#health()}; empty if nothing does. Any thread. */
    default Optional<String> problem() {
        return Optional.empty();
    }

    /**
     * It listens and guards.
     *
     * @param addresses where, with the real ports
     * @param taken how many grants of an earlier run it took over
     */
    record Started(List<InetSocketAddress> addresses, int taken) {
        /** Copies the addresses. */
        public Started {
            addresses = List.copyOf(addresses);
        }
    }

    /** It has stopped. */
    record Stopped() {}

    /**
     * A client has proved who it is.
     *
     * @param client who
     * @param peer the address that the connection came from
     */
    record Connected(Client client, InetAddress peer) {}

    /**
     * A client's grant is there.
     *
     * @param client whose it is
     * @param address who is admitted
     * @param services to what
     * @param until how long
     * @param peer the address that the command came from; another one than {@code address} opened for a guest
     * @param rule which rule of the policy says so, if it has rules
     */
    record Opened(
            Client client,
            InetAddress address,
            Set<String> services,
            Instant until,
            InetAddress peer,
            Optional<String> rule) {}

    /**
     * A client's grant has a new end.
     *
     * @param client whose it is
     * @param address who is admitted
     * @param services to what
     * @param until how long
     * @param peer the address that the command came from
     * @param rule which rule of the policy says so, if it has rules
     */
    record Renewed(
            Client client,
            InetAddress address,
            Set<String> services,
            Instant until,
            InetAddress peer,
            Optional<String> rule) {}

    /**
     * A grant was taken back.
     *
     * @param client whose it was
     * @param address who was admitted
     * @param services to what; none if there was nothing to take back
     * @param by who asked for it: the client itself, or an administrator
     * @param peer the address that the command came from
     */
    record Closed(Client client, InetAddress address, Set<String> services, Client by, InetAddress peer) {}

    /**
     * A grant has ended by itself.
     *
     * @param client whose it was
     * @param address who was admitted
     * @param service to what
     */
    record Expired(Client client, InetAddress address, String service) {}

    /**
     * A grant was taken from its client.
     *
     * @param client whose it was
     * @param address who was admitted
     * @param service to what
     * @param reason why, in words
     */
    record Revoked(Client client, InetAddress address, String service, String reason) {}

    /**
     * Somebody was turned away.
     *
     * @param client who; empty if it did not get as far as proving it
     * @param peer the address that the connection came from
     * @param why what the client was told; empty if it was told nothing
     * @param reason why, in words that hold nothing unsanitised of the peer
     * @param rule which rule of the policy says so, if one does
     */
    record Refused(
            Optional<Client> client, InetAddress peer, Optional<Refusal> why, String reason, Optional<String> rule) {}

    /**
     * The firewall does not do what it should. Of changes that it refuses, and of all other failures, at most ten a minute
     * are told.
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

    /**
     * What was read anew is in force.
     *
     * @param revoked how many grants it took from their clients
     */
    record Reloaded(int revoked) {}

    /**
     * What should have been reloaded can't be used.
     *
     * @param reason what is wrong with it, in words
     */
    record ReloadFailed(String reason) {}

    /**
     * Something ends soon, or has ended.
     *
     * @param what it is, in words
     * @param end when
     */
    record Expiring(String what, Instant end) {}

    /**
     * The doorman can't go on.
     *
     * @param reason why, in words
     */
    record Failed(String reason) {}
}
