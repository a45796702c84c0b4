package io.openme.knocker;

import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** A host that moves between loopback addresses, and a name server of its own. */
final class LoopbackNetwork implements Route {
    private List<InetAddress> addresses = List.of(IpLiteral.parse("127.0.0.1").orElseThrow());
    private InetAddress local = addresses.get(0);
    private boolean anyFamily;
    private boolean reachable = true;

    void serve(InetAddress... all) {
        addresses = List.of(all);
        anyFamily = true;
    }

    void moveTo(InetAddress other) {
        local = other;
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
        return anyFamily ? Optional.empty() : Optional.of(local);
    }

    @Override
    public Optional<InetAddress> towards(InetSocketAddress server) {
        return reachable ? Optional.of(local) : Optional.empty();
    }
}
