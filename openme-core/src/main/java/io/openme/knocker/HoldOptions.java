package io.openme.knocker;

import io.openme.protocol.Request;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@link Lease} holds.
 *
 * @param services the names of the services; empty stands for all that the client may open
 * @param lifetime how long it stays open without a renewal, in whole seconds from 1; empty leaves it to the doorman, which may
 *     grant less in any case. The shorter, the sooner what is held ends after this client is gone, and the more it knocks
 * @param assumed how long a server that speaks only {@code openme/1} is taken to keep open what it opened, for it does not
 *     say. Where it is given, such a server is asked without the lifetime, which it could not understand; where it is empty
 *     and no lifetime is asked for, {@link #ASSUMED} is taken. Services can't be asked for there in any case
 * @param listener is told what happens
 */
public record HoldOptions(
        Set<String> services, Optional<Duration> lifetime, Optional<Duration> assumed, LeaseListener listener) {
    /** How long a server that does not say so is taken to keep open what it opened, unless said otherwise: 5 minutes. */
    public static final Duration ASSUMED = Duration.ofMinutes(5);

    private static final LeaseListener NOBODY = new LeaseListener() {};

    /** Refuses null, and times below a second. */
    public HoldOptions {
        services = Set.copyOf(services);
        atLeastASecond(lifetime);
        atLeastASecond(assumed);
        Objects.requireNonNull(listener, "listener");
    }

    /** All services, for as long as the doorman thinks right, and nobody is told. */
    public static HoldOptions defaults() {
        return new HoldOptions(Set.of(), Optional.empty(), Optional.empty(), NOBODY);
    }

    /** The same for these services only. */
    public HoldOptions withServices(Set<String> names) {
        return new HoldOptions(names, lifetime, assumed, listener);
    }

    /** The same with this lifetime. */
    public HoldOptions withLifetime(Duration time) {
        return new HoldOptions(services, Optional.of(time), assumed, listener);
    }

    /** The same where a server of {@code openme/1} is taken to keep open for this long. */
    public HoldOptions assuming(Duration time) {
        return new HoldOptions(services, lifetime, Optional.of(time), listener);
    }

    /** The same that tells this listener. */
    public HoldOptions withListener(LeaseListener other) {
        return new HoldOptions(services, lifetime, assumed, other);
    }

    /** What is asked for, where this address has been open until now. */
    Request.Open request(Optional<InetAddress> replaces) {
        return new Request.Open(Optional.empty(), services, lifetime, replaces);
    }

    /** Whether the plain command of the written protocol asks for it, too. */
    boolean sayableInOpenme1() {
        return services.isEmpty() && (lifetime.isEmpty() || assumed.isPresent());
    }

    private static void atLeastASecond(Optional<Duration> time) {
        if (time.filter(t -> t.compareTo(Duration.ofSeconds(1)) < 0).isPresent()) {
            throw new IllegalArgumentException(
                    "to hold something for " + time.get() + " is not worth it; a lifetime is a second or more");
        }
    }
}
