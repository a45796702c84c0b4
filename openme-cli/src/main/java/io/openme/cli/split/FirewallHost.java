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

/**
 * Holds the host's firewall, and does with it what its {@link Charter} allows and nothing else. One request at a time, by any
 * thread.
 */
final class FirewallHost {
    private final Firewall firewall;
    private final Charter charter;
    private boolean installed;

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
            return new Answer.Done(Stream.concat(
                            firewall.capabilities().stream().map(c -> "can " + word(c)),
                            charter.services().stream().map(s -> "guards " + s))
                    .toList());
        }
        if (request instanceof Install install) {
            install(install.openings());
            return Answer.Done.DONE;
        }
        if (request instanceof Apply apply) {
            if (!installed) {
                return new Answer.Failed(Reason.STATE_LOST, "nothing is installed yet");
            }
            firewall.apply(apply.changes());
            return Answer.Done.DONE;
        }
        if (request instanceof Openings) {
            return new Answer.Done(
                    firewall.openings().stream().map(RequestText::opening).toList());
        }
        if (request instanceof Intact) {
            return new Answer.Done(List.of(installed && firewall.intact() ? "yes" : "no"));
        }
        if (installed) {
            install(List.of());
        }
        return Answer.Done.DONE;
    }

    private void install(List<Change.Open> openings) {
        installed = true;
        firewall.install(openings);
    }

    /**
     * Closes every opening, if anything was ever installed, and leaves the guard or not.
     *
     * @throws FirewallException if the host could not be brought there
     */
    synchronized void end(OnClose onClose) {
        if (installed && onClose == OnClose.REMOVE) {
            firewall.uninstall();
        }
        firewall.close();
    }

    static String word(Capability capability) {
        return capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
