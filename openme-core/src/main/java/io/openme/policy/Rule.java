package io.openme.policy;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Decision.Refused;
import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Request;
import io.openme.doorman.Client;
import io.openme.policy.ClientPattern.Match;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What some clients may do. Immutable, and safe for any thread.
 *
 * @param name what the audit log and {@code openme check --explain} call it: 1 to 64 characters without control characters
 * @param clients whom it is about: a client that one of these patterns means; at least one
 * @param services the names of the services that they may open; empty: every guarded one
 * @param opensFor for which addresses
 * @param lifetime for how long where the client does not say; 1 second to {@code longest}
 * @param longest the most that a client gets by asking for it; up to 365 days
 * @param limits what bounds a client's grants beside
 * @param times when they may open, and until when at the latest; empty: always
 * @param administrator whether they may see and close the grants of others, at any time
 */
public record Rule(
        String name,
        List<ClientPattern> clients,
        Set<String> services,
        OpensFor opensFor,
        Duration lifetime,
        Duration longest,
        Limits limits,
        List<TimeWindow> times,
        boolean administrator) {
    private static final int LONGEST_NAME = 64;

    /** @throws IllegalArgumentException if something is out of bounds, with a message for a person */
    public Rule {
        clients = List.copyOf(clients);
        services = Set.copyOf(services);
        times = List.copyOf(times);
        Objects.requireNonNull(opensFor, "opensFor");
        Objects.requireNonNull(limits, "limits");
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a rule's name has 1 to " + LONGEST_NAME + " characters, and no control characters");
        }
        if (clients.isEmpty()) {
            throw new IllegalArgumentException(label(name) + " is about nobody; give it a pattern, such as any");
        }
        if (lifetime.compareTo(Granted.SHORTEST) < 0
                || lifetime.compareTo(longest) > 0
                || longest.compareTo(Granted.LONGEST) > 0) {
            throw new IllegalArgumentException(label(name) + " grants " + lifetime + ", at most " + longest
                    + "; a lifetime is 1 second to the longest, which is up to 365 days");
        }
    }

    /** A rule about these clients, to be filled. It lets them open every service for themselves, for an hour. */
    public static RuleBuilder builder(String name) {
        return new RuleBuilder(name);
    }

    /** Whether a client could open at this instant, for as long as a grant lives at least. */
    public boolean isOpen(Instant at) {
        return left(at, Granted.SHORTEST).compareTo(Granted.SHORTEST) >= 0;
    }

    /** Whether it is about this client. Of several patterns the surest answer counts. */
    Match match(Client client) {
        Match surest = Match.NO;
        for (ClientPattern each : clients) {
            Match match = each.match(client);
            if (match == Match.YES) {
                return match;
            }
            surest = match == Match.UNCERTAIN ? match : surest;
        }
        return surest;
    }

    /** What a client that it is about gets. What never changes is looked at before the time, so nobody comes back in vain. */
    Decision decide(Request request) {
        if (opensFor instanceof OpensFor.Nobody) {
            return refused(Refusal.NOT_PERMITTED, "it refuses its clients");
        }
        if (request.guest() && !opensFor.admitsGuest(request.address())) {
            return refused(
                    Refusal.ADDRESS_NOT_PERMITTED,
                    "it opens for " + opensFor + ", not for the guest " + IpLiteral.format(request.address()));
        }
        Set<String> granted = new TreeSet<>(request.services());
        granted.removeIf(service -> !opens(service));
        if (granted.isEmpty()
                || (request.named() && granted.size() < request.services().size())) {
            Set<String> missing = new TreeSet<>(request.services());
            missing.removeAll(granted);
            return refused(Refusal.SERVICE_NOT_PERMITTED, "it does not open " + String.join(", ", missing));
        }
        Duration left = left(request.at(), request.lifetime(lifetime, longest));
        if (left.compareTo(Granted.SHORTEST) < 0) {
            return refused(Refusal.NOT_NOW, "it does not open at " + request.at());
        }
        return new Granted(granted, left, limits, Optional.of(name));
    }

    Refused refused(Refusal why, String reason) {
        return new Refused(why, label(name) + ": " + reason, Optional.of(name));
    }

    /** Nobody wants to read of rule rule 1. */
    private static String label(String name) {
        return name.startsWith("rule ") ? name : "rule " + name;
    }

    private boolean opens(String service) {
        return services.isEmpty() || services.contains(service);
    }

    private Duration left(Instant at, Duration most) {
        return times.isEmpty() ? most : TimeWindow.left(times, at, most);
    }
}
