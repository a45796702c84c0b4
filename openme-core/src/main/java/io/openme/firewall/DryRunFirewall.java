package io.openme.firewall;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.Opening;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Guards nothing: logs, at INFO, what another firewall would have been asked to do. */
final class DryRunFirewall implements Firewall {
    private static final Logger LOG = LoggerFactory.getLogger(DryRunFirewall.class);

    private final FirewallContext context;
    private final Set<Opening> openings = new HashSet<>();

    DryRunFirewall(FirewallContext context) {
        this.context = context;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.ATOMIC);
    }

    @Override
    public synchronized void install(List<Change.Open> wanted) {
        Guarded.check(context.serviceNames(), wanted);
        openings.clear();
        wanted.forEach(o -> openings.add(o.opening()));
        preview(wanted).lines().forEach(line -> LOG.info("dry run: {}", line));
    }

    @Override
    public synchronized void apply(List<? extends Change> changes) {
        Guarded.check(context.serviceNames(), changes);
        for (Change change : changes) {
            if (change instanceof Change.Open open) {
                openings.add(open.opening());
                LOG.info("dry run: would open {} for {}", open.opening(), open.lifetime());
            } else {
                openings.remove(change.opening());
                LOG.info("dry run: would close {}", change.opening());
            }
        }
    }

    @Override
    public synchronized Set<Opening> openings() {
        return Set.copyOf(openings);
    }

    @Override
    public String preview(List<Change.Open> wanted) {
        StringBuilder text = new StringBuilder();
        context.services()
                .forEach(s -> text.append("would close ")
                        .append(s.name())
                        .append(' ')
                        .append(s.ports())
                        .append(" to everyone\n"));
        wanted.forEach(o -> text.append("would open ")
                .append(o.opening())
                .append(" for ")
                .append(o.lifetime())
                .append('\n'));
        return text.toString();
    }

    /** Always: there is nothing to change. */
    @Override
    public boolean intact() {
        return true;
    }

    @Override
    public void uninstall() {
        LOG.info("dry run: would remove everything of {}", context.owner());
    }

    @Override
    public synchronized void close() {
        openings.clear();
        LOG.info(
                "dry run: would {}",
                context.onClose() == FirewallContext.OnClose.REMOVE ? "remove the guard" : "keep the guard");
    }
}
