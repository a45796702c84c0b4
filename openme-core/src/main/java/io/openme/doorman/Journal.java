package io.openme.doorman;

import io.openme.internal.grants.Grant;
import io.openme.internal.text.Printable;
import io.openme.internal.time.Quota;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Request;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.tls.Term;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the listeners what happened. Openings are INFO; who is turned away is DEBUG, so a scanner fills no disk. */
final class Journal implements FirewallWriter.Events {
    private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);

    private static final int LONGEST_REASON = 200;

    private final List<DoormanListener> listeners;
    private final List<DoormanMetrics> metrics;
    private final Volume volume;
    private final Clock clock;
    /** A listener that fails would be logged at each stranger. */
    private final Quota complaints = new Quota(1, Duration.ofMinutes(1));

    Journal(List<DoormanListener> listeners, List<DoormanMetrics> metrics) {
        this(listeners, metrics, Clock.systemUTC());
    }

    Journal(List<DoormanListener> listeners, List<DoormanMetrics> metrics, Clock clock) {
        this.listeners = listeners;
        this.metrics = metrics;
        this.clock = clock;
        this.volume = new Volume(LOG, clock);
    }

    @Override
    public void opened(Request.Open request, Instant until, boolean renewal) {
        Client client = request.client();
        InetAddress address = request.openings().get(0).source();
        Set<String> services = services(request.openings());
        InetAddress peer = request.terms().peer();
        Optional<String> rule = request.terms().rule();
        if (renewal) {
            volume.log(
                    client,
                    "Renewed {} for {} until {}, asked by {}",
                    services,
                    IpLiteral.format(address),
                    until,
                    client);
            tell(l -> l.renewed(new DoormanListener.Renewed(client, address, services, until, peer, rule)));
        } else {
            volume.log(
                    client,
                    "Opened {} for {} until {}, asked by {}",
                    services,
                    IpLiteral.format(address),
                    until,
                    client);
            tell(l -> l.opened(new DoormanListener.Opened(client, address, services, until, peer, rule)));
        }
    }

    @Override
    public void closed(Client client, List<Grant> grants, Client by, InetAddress peer) {
        Map<InetAddress, Set<String>> services = grants.stream()
                .map(Grant::opening)
                .collect(Collectors.groupingBy(
                        Opening::source,
                        LinkedHashMap::new,
                        Collectors.mapping(Opening::service, Collectors.toUnmodifiableSet())));
        services.forEach((address, names) -> {
            volume.log(by, "Closed {} for {} of {}, asked by {}", names, IpLiteral.format(address), client, by);
            tell(l -> l.closed(new DoormanListener.Closed(client, address, names, by, peer)));
        });
    }

    @Override
    public void expired(List<Grant> grants) {
        for (Grant grant : grants) {
            volume.log(grant.client(), "Expired: {} of {}", grant.opening(), grant.client());
            tell(l -> l.expired(new DoormanListener.Expired(
                    grant.client(), grant.opening().source(), grant.opening().service())));
        }
    }

    @Override
    public void revoked(Grant grant, String reason) {
        String printable = Printable.of(reason, LONGEST_REASON);
        LOG.info("Revoked: {} of {}: {}", grant.opening(), grant.client(), printable);
        tell(l -> l.revoked(new DoormanListener.Revoked(
                grant.client(), grant.opening().source(), grant.opening().service(), printable)));
    }

    @Override
    public void applied(int changes, boolean worked, Duration took) {
        count(m -> m.applied(changes, worked, took));
    }

    @Override
    public void troubled(FirewallException cause) {
        tell(l -> l.troubled(new DoormanListener.Troubled(cause)));
    }

    @Override
    public void recovered(int openings) {
        LOG.info("The firewall works again and admits {} opening(s)", openings);
        tell(l -> l.recovered(new DoormanListener.Recovered(openings)));
    }

    @Override
    public void restored(int openings) {
        LOG.warn("Put the guard and {} opening(s) back", openings);
        tell(l -> l.restored(new DoormanListener.Restored(openings)));
    }

    void started(List<InetSocketAddress> addresses, int taken) {
        tell(l -> l.started(new DoormanListener.Started(addresses, taken)));
    }

    void stopped() {
        tell(l -> l.stopped(new DoormanListener.Stopped()));
    }

    /** Makes nothing before the listeners have heard of it, not even an iterator: there may be no memory left. Never throws. */
    void failed(DoormanListener.Failed event) {
        for (int i = 0; i < listeners.size(); i++) {
            DoormanListener each = listeners.get(i);
            try {
                each.failed(event);
            } catch (Throwable e) {
                complain("Listener", each, e);
            }
        }
        try {
            LOG.error("The doorman can't go on, and takes no more knocks: {}", event.reason());
        } catch (Throwable e) {
            // They have heard of it, and health tells.
        }
    }

    /** What keeps listeners from their work. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        tell(l -> l.problem().ifPresent(problems::add));
        return problems;
    }

    void connected(Client client, InetAddress peer, Duration took) {
        count(m -> m.handshake(true, took));
        tell(l -> l.connected(new DoormanListener.Connected(client, peer)));
    }

    /** A stranger, who was not believed. */
    void refused(InetAddress peer, String reason, Duration took) {
        count(m -> m.handshake(false, took));
        refused(Optional.empty(), peer, Optional.empty(), reason, Optional.empty());
    }

    void refused(
            Optional<Client> client, InetAddress peer, Optional<Refusal> why, String reason, Optional<String> rule) {
        String printable = Printable.of(reason, LONGEST_REASON);
        if (LOG.isDebugEnabled()) {
            String who = client.map(Client::toString).orElse("a stranger");
            LOG.debug("Refused {} from {}: {}", who, IpLiteral.format(peer), printable);
        }
        tell(l -> l.refused(new DoormanListener.Refused(client, peer, why, printable, rule)));
    }

    void answered(io.openme.protocol.Request request, Reply reply, Duration took) {
        String command = request.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        String outcome =
                reply instanceof Reply.Refused refused ? refused.reason().word() : "ok";
        count(m -> m.answered(command, outcome, took));
    }

    void reloaded(int revoked, Duration took) {
        LOG.info("Reloaded certificates, revocation lists and policy; {} grant(s) revoked", revoked);
        count(m -> m.reloaded(true, took));
        tell(l -> l.reloaded(new DoormanListener.Reloaded(revoked)));
    }

    void reloadFailed(String reason, Duration took) {
        LOG.error("Not reloaded: {}", reason);
        count(m -> m.reloaded(false, took));
        tell(l -> l.reloadFailed(new DoormanListener.ReloadFailed(reason)));
    }

    void expiring(Term term, boolean over) {
        LOG.warn("{} {} at {}: renew it, or clients are kept out", term.what(), over ? "ended" : "ends", term.end());
        tell(l -> l.expiring(new DoormanListener.Expiring(term.what(), term.end())));
    }

    private void tell(Consumer<DoormanListener> event) {
        listeners.forEach(each -> tell("Listener", each, event));
    }

    private void count(Consumer<DoormanMetrics> event) {
        metrics.forEach(each -> tell("Metrics", each, event));
    }

    private <T> void tell(String what, T who, Consumer<T> event) {
        try {
            event.accept(who);
        } catch (Throwable e) {
            // Not only exceptions: what has happened has happened, whatever a listener makes of it.
            complain(what, who, e);
        }
    }

    private void complain(String what, Object who, Throwable e) {
        try {
            if (complaints.admit(clock.instant())) {
                LOG.warn("{} {} failed (said at most once a minute)", what, who, e);
            } else {
                LOG.debug("{} {} failed: {}", what, who, e.toString());
            }
        } catch (Throwable later) {
            // Where memory has run out, a log can fail as well.
        }
    }

    private static Set<String> services(List<Opening> openings) {
        return openings.stream().map(Opening::service).collect(Collectors.toUnmodifiableSet());
    }
}
