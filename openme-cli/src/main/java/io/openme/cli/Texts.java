package io.openme.cli;

import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Set;
import java.util.TreeSet;

/** Values as people read them. */
final class Texts {
    private Texts() {}

    static String services(Set<String> names) {
        return names.isEmpty() ? "all services" : String.join(", ", new TreeSet<>(names));
    }

    static String family(ProtocolFamily family) {
        return family == StandardProtocolFamily.INET ? "IPv4" : "IPv6";
    }
}
