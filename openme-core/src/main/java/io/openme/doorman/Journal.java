package io.openme.doorman;

import io.openme.internal.grants.Grant;
import io.openme.internal.text.Printable;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Request;
import io.openme.protocol.IpLiteral;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
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

    Journal(List<DoormanListener> listeners) {
        this.listeners = listeners;
    }

    @Override
    public void opened(Request.Open request, Instant until) {
        InetAddress address = request.openings().get(0).source();
        Set<String> services = services(request.openings());
        LOG.info(
                "Opened {} for {} until {}, asked by {}", services, IpLiteral.format(address), until, request.client());
        tell(l -> l.opened(
                new DoormanListener.Opened(request.client(), address, services, until, address, Optional.empty())));
    }

    @Override
    public void closed(Request.Close request, List<Grant> grants) {
        InetAddress address = request.openings().get(0).source();
        Set<String> services = services(grants.stream().map(Grant::opening).toList());
        LOG.info("Closed {} for {}, asked by {}", services, IpLiteral.format(address), request.client());
        tell(l -> l.closed(new DoormanListener.Closed(request.client(), address, services, request.client(), address)));
    }

    @Override
    public void expired(List<Grant> grants) {
        for (Grant grant : grants) {
            LOG.info("Expired: {} of {}", grant.opening(), grant.client());
            tell(l -> l.expired(new DoormanListener.Expired(
                    grant.client(), grant.opening().source(), grant.opening().service())));
        }
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

    void refused(Optional<Client> client, InetAddress peer, String reason) {
        String printable = Printable.of(reason, LONGEST_REASON);
        if (LOG.isDebugEnabled()) {
            String who = client.map(Client::toString).orElse("a stranger");
            LOG.debug("Refused {} from {}: {}", who, IpLiteral.format(peer), printable);
        }
        tell(l -> l.refused(new DoormanListener.Refused(client, peer, Optional.empty(), printable, Optional.empty())));
    }

    private void tell(Consumer<DoormanListener> event) {
        for (DoormanListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                // Not only exceptions: what has happened has happened, whatever a listener makes of it.
                LOG.warn("Listener {} failed", listener, e);
            }
        }
    }

    private static Set<String> services(List<Opening> openings) {
        return openings.stream().map(Opening::service).collect(Collectors.toUnmodifiableSet());
    }
}
