package io.openme.knocker;

import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A host that moves between loopback addresses, and a name server of its own. */
final class LoopbackNetwork implements Route {
    private List<InetAddress> addresses = List.of(IpLiteral.parse("127.0.0.1").orElseThrow());
    private InetAddress local = addresses.get(0);
    private volatile @Nullable InetAddress next;
    private boolean anyFamily;
    private boolean reachable = true;

    void serve(InetAddress... all) {
        addresses = List.of(all);
        anyFamily = true;
    }

    void moveTo(InetAddress other) {
        local = other;
    }

    /** As soon as the next connection has its address. */
    void moveDuringTheNextConnectionTo(InetAddress other) {
        next = other;
    }

    void reachable(boolean now) {
        reachable = now;
    }

    @Override
    public List<InetAddress> resolve(String host) {
        return addresses;
    }

    @Override
    public Optional<InetAddress> from() {
        InetAddress now = local;
        if (next != null) {
            local = next;
            next = null;
        }
        return anyFamily ? Optional.empty() : Optional.of(now);
    }

    @Override
    public Optional<InetAddress> towards(InetSocketAddress server) {
        return reachable ? Optional.of(local) : Optional.empty();
    }
}
