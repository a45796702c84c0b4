package io.openme.cli.split;

import io.openme.cli.split.Request.Apply;
import io.openme.cli.split.Request.Hello;
import io.openme.cli.split.Request.Install;
import io.openme.cli.split.Request.Intact;
import io.openme.cli.split.Request.Openings;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the host's firewall, and does with it what its {@link Charter} allows and nothing else. One request at a time, by any
 * thread.
 */
final class FirewallHost {
    private static final Logger LOG = LoggerFactory.getLogger(FirewallHost.class);

    private final Firewall firewall;
    private final Charter charter;
    /** Whether something of ours may be on the host. */
    private boolean touched;

    /** Whether an install worked, so that there is a guard to keep. */
    private boolean installed;
    /** Whether the guard is there again without what the doorman wants open. */
    private boolean bare;

    private volatile boolean waning;
    private boolean ended;

    /**
     * A host of this firewall.
     *
     * @param firewall opened to {@linkplain OnClose#KEEP_GUARD keep its guard}
     * @throws FirewallException if it can't be trusted with a doorman that may have been taken over
     */
    FirewallHost(Firewall firewall, Charter charter) {
        Set<Capability> can = firewall.capabilities();
        if (can.contains(Capability.ENFORCING) && !can.contains(Capability.KERNEL_EXPIRY)) {
            // Otherwise it is the doorman's word that closes a port.
            throw new FirewallException(
                    Reason.NOT_SUPPORTED,
                    "this firewall does not end openings by itself, so a doorman that was taken over could keep them for"
                            + " ever; use nftables, or install ipset");
        }
        this.firewall = firewall;
        this.charter = charter;
    }

    /** Does what is asked for, or says why not. */
    synchronized Answer answer(Request request) {
        List<? extends Change> changes = request instanceof Install install
                ? install.openings()
                : request instanceof Apply apply ? apply.changes() : List.of();
        Optional<String> objection = charter.objection(changes);
        if (objection.isPresent()) {
            return new Answer.Failed(Reason.REJECTED, objection.get());
        }
        if (waning && changes.stream().anyMatch(Change.Open.class::isInstance)) {
            return new Answer.Failed(Reason.REJECTED, "the firewall helper ends, and opens nothing any more");
        }
        try {
            return perform(request);
        } catch (FirewallException e) {
            return new Answer.Failed(e.reason(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            return new Answer.Failed(Reason.FAILED, "the firewall backend failed: " + e);
        }
    }

    private Answer perform(Request request) {
        if (request instanceof Hello) {
            return new Answer.Done(Stream.of(
                            firewall.capabilities().stream().map(c -> "can " + word(c)),
                            charter.services().stream().map(s -> "guards " + s),
                            firewall.room().stream().mapToObj(n -> "room " + n))
                    .flatMap(lines -> lines)
                    .toList());
        }
        if (request instanceof Install install) {
            install(install.openings());
            return Answer.Done.DONE;
        }
        if (request instanceof Apply apply) {
            if (!installed || bare) {
                return new Answer.Failed(Reason.STATE_LOST, "the guard is not there as it was asked for");
            }
            firewall.apply(apply.changes());
            return Answer.Done.DONE;
        }
        if (request instanceof Openings) {
            return new Answer.Done(
                    firewall.openings().stream().map(RequestText::opening).toList());
        }
        if (request instanceof Intact) {
            return new Answer.Done(List.of(installed && !bare && firewall.intact() ? "yes" : "no"));
        }
        if (installed) {
            install(List.of());
        }
        return Answer.Done.DONE;
    }

    private void install(List<Change.Open> openings) {
        touched = true;
        firewall.install(openings);
        installed = true;
        bare = false;
    }

    /**
     * Puts the guard back, without an opening, where somebody has removed it and the doorman does not see to it: it may be
     * dead, or not itself.
     */
    synchronized void look() {
        if (!installed || ended) {
            return;
        }
        try {
            if (!firewall.intact()) {
                LOG.warn("Somebody changed the guard, and the doorman did not put it back: every opening is closed");
                firewall.install(List.of());
                bare = true;
            }
        } catch (Throwable e) {
            // The next look is soon, and the doorman tells of a firewall that fails. What is thrown from here, also for
            // want of memory, would be the end of all looking.
            LOG.debug("The guard can't be looked after", e);
        }
    }

    /** Opens nothing any more. Does not wait for what is being done. */
    void wane() {
        waning = true;
    }

    /**
     * Closes every opening, if anything was ever installed, and leaves the guard or not.
     *
     * @throws FirewallException if the host could not be brought there
     */
    synchronized void end(OnClose onClose) {
        ended = true;
        if (touched && onClose == OnClose.REMOVE) {
            firewall.uninstall();
        }
        firewall.close();
    }

    static String word(Capability capability) {
        return capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
