package io.openme.testkit;

import static java.util.stream.Collectors.joining;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A correct firewall on a {@link ModelHost}: what a broken one does differently, it overrides. */
class ModelFirewall implements Firewall {
    final FirewallContext context;
    final ModelHost host;
    boolean touched;
    boolean closed;
    private String installed = "";

    ModelFirewall(FirewallContext context) {
        this.context = context;
        this.host = ModelHost.named(context.options().getOrDefault("host", ""));
        Model.most(context);
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.ATOMIC, Capability.KERNEL_EXPIRY, Capability.ENFORCING);
    }

    @Override
    public void install(List<Change.Open> openings) {
        check(openings);
        run(script(openings));
        installed = guards();
    }

    @Override
    public void apply(List<? extends Change> changes) {
        check(changes);
        run(script(changes.stream()));
    }

    @Override
    public Set<Opening> openings() {
        return host.openings(owner());
    }

    @Override
    public boolean intact() {
        return installed.equals(guards());
    }

    @Override
    public String preview(List<Change.Open> openings) {
        return script(openings);
    }

    @Override
    public void uninstall() {
        run(remove());
        touched = false;
    }

    @Override
    public void close() {
        if (touched && !closed) {
            if (context.onClose() == OnClose.REMOVE) {
                run(remove());
            } else {
                leave();
            }
        }
        closed = true;
    }

    /** Leaves the guard alone. */
    void leave() {
        run(script(List.of()));
    }

    final boolean isInstalled() {
        return touched && !closed;
    }

    final String owner() {
        return context.owner();
    }

    final String guards() {
        return host.guards(owner());
    }

    final void run(String script) {
        Model.checkUser(context);
        host.run(script);
        touched = true;
    }

    void check(List<? extends Change> changes) {
        for (Change change : changes) {
            if (!context.serviceNames().contains(change.opening().service())) {
                throw new IllegalArgumentException("not guarded: " + change.opening());
            }
        }
    }

    String script(List<Change.Open> openings) {
        return remove() + guard() + script(openings.stream());
    }

    final String script(Stream<? extends Change> changes) {
        return changes.map(this::text).collect(joining());
    }

    final String remove() {
        return "remove " + owner() + "\n";
    }

    final String guard() {
        return context.services().stream().map(this::guard).collect(joining());
    }

    final String guard(Service service) {
        return "guard " + owner() + " " + service.name() + " " + Model.most(context) + " " + service.ports() + "\n";
    }

    String text(Change change) {
        return change instanceof Change.Open open
                ? open(open.opening(), nanos(open.lifetime()))
                : close(change.opening());
    }

    final String open(Opening opening, long nanos) {
        return line("open", opening) + " " + nanos + "\n";
    }

    final String close(Opening opening) {
        return line("close", opening) + "\n";
    }

    private String line(String verb, Opening opening) {
        return verb + " " + owner() + " " + opening.service() + " "
                + opening.source().getHostAddress();
    }

    long nanos(Duration lifetime) {
        return lifetime.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? lifetime.toNanos() : Long.MAX_VALUE;
    }
}
