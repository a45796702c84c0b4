package io.openme.iptables;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells which address families the kernel has, and so which are to be guarded.
 *
 * <p>A kernel that was started with IPv6 off has none that could be guarded. Where it can't be told, such as in a sandbox
 * that hides {@code /proc}, both are: a guard that can't be put there fails loudly, one that was left out is an open door.
 *
 * @param net the directory in which the kernel says it
 */
record Families(Path net) {
    /**
     * Of the network that this process is in. Not {@code /proc/net}, which is a link to it, and which {@code
     * ProcSubset=pid} of a systemd unit hides.
     */
    static final Families OF_THIS_HOST = new Families(Path.of("/proc/self/net"));

    List<Family> guarded() {
        // Something that is always there, so that nothing is concluded from a directory that can't be looked into.
        boolean known = Files.isReadable(net.resolve("dev"));
        return known && Files.notExists(net.resolve("if_inet6")) ? List.of(Family.IPV4) : List.of(Family.values());
    }
}
