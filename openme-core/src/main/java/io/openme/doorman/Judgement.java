package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.protocol.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the policy, and holds whatever it says to what a doorman promises. */
final class Judgement {
    private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);

    private final Set<String> services;
    private final AtomicBoolean complained = new AtomicBoolean();

    /** @param services the names of those that are guarded */
    Judgement(Set<String> services) {
        this.services = services;
    }

    /** What the client gets: of guarded services only, no longer than it asked for, and not beyond what vouches for it. */
    Decision decide(AccessPolicy policy, Client client, AccessPolicy.Request request) {
        // A client on the doorman's own host is no guest there.
        boolean home = !request.guest() && request.address().isLoopbackAddress();
        Optional<String> objection = home ? Optional.empty() : GuestAddress.objection(request.address());
        if (objection.isPresent()) {
            return new Decision.Refused(Refusal.BAD_ADDRESS, objection.get(), Optional.empty());
        }
        if (!services.containsAll(request.services())) {
            return new Decision.Refused(
                    Refusal.SERVICE_NOT_PERMITTED, "it asks for a service that is not guarded", Optional.empty());
        }
        Decision decision = ask(policy, client, request);
        if (!(decision instanceof Decision.Granted granted)) {
            return decision;
        }
        if (!services.containsAll(granted.services())) {
            complain("it grants " + granted.services() + ", but guarded are only " + services, null);
            return new Decision.Refused("the policy grants a service that is not guarded");
        }
        if (!request.services().containsAll(granted.services())) {
            complain("it grants " + granted.services() + ", but asked for were only " + request.services(), null);
            return new Decision.Refused("the policy grants a service that was not asked for");
        }
        if (request.named() && !granted.services().equals(request.services())) {
            return new Decision.Refused(
                    Refusal.SERVICE_NOT_PERMITTED, "the policy grants only a part of what it names", granted.rule());
        }
        return cut(granted, client, request);
    }

    private Decision ask(AccessPolicy policy, Client client, AccessPolicy.Request request) {
        try {
            return Objects.requireNonNull(policy.decide(client, request), "the policy decided nothing");
        } catch (RuntimeException e) {
            complain("it failed", e);
            return new Decision.Refused("the policy failed");
        }
    }

    /** Whether the client may see and close what others hold. */
    boolean administers(AccessPolicy policy, Client client) {
        try {
            return policy.administers(client);
        } catch (RuntimeException e) {
            complain("it failed", e);
            return false;
        }
    }

    private static Decision cut(Decision.Granted granted, Client client, AccessPolicy.Request request) {
        Duration lifetime = request.lifetime(granted.lifetime(), granted.lifetime());
        Instant end = client.end();
        Duration left = Duration.between(request.at(), end);
        Duration atMost = left.compareTo(lifetime) < 0 ? left : lifetime;
        if (atMost.compareTo(Decision.Granted.SHORTEST) < 0) {
            return new Decision.Refused(
                    Refusal.NOT_TRUSTED, "its certificate, or a CA's above it, ends at " + end, granted.rule());
        }
        return new Decision.Granted(granted.services(), atMost, granted.limits(), granted.rule());
    }

    /** Loud once: a client could fill the disk by knocking. */
    private void complain(String what, @Nullable Exception cause) {
        if (complained.compareAndSet(false, true)) {
            LOG.warn(
                    "The access policy is wrong, and its client refused: {}; more of this is logged at DEBUG",
                    what,
                    cause);
        } else {
            LOG.debug("The access policy is wrong, and its client refused: {}", what, cause);
        }
    }
}
