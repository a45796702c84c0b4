package io.openme.firewall;

import io.openme.internal.net.Prefix;
import io.openme.internal.net.Source;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** How many connections there are, in all and of each host. Safe for several threads. */
final class Places {
    private final int most;
    private final int mostOfAHost;
    private final Map<Prefix, Integer> taken = new HashMap<>();
    private int all;

    Places(int most, int mostOfAHost) {
        this.most = most;
        this.mostOfAHost = mostOfAHost;
    }

    /** Takes a place, if there is one for this peer. Who took one gives it back. */
    synchronized boolean take(InetAddress peer) {
        Prefix host = Source.of(peer).host();
        int before = taken.getOrDefault(host, 0);
        if (all >= most || before >= mostOfAHost) {
            return false;
        }
        taken.put(host, before + 1);
        all++;
        return true;
    }

    synchronized void giveBack(InetAddress peer) {
        taken.computeIfPresent(Source.of(peer).host(), (host, count) -> count == 1 ? null : count - 1);
        all--;
    }
}
