package io.openme.iptables;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/** An address family, which has tools and a ruleset of its own. */
enum Family {
    IPV4("iptables", "inet", "4", 32, "! --dst-type LOCAL", "! --dst-type MULTICAST", "! --dst-type BROADCAST"),

    /**
     * Its {@code --dst-type UNICAST} matches local addresses, too, so transit has to be told by what it is not. An anycast
     * address, which every router has in each of its networks, is not LOCAL and yet delivered to this host.
     */
    IPV6("ip6tables", "inet6", "6", 128, "! --dst-type LOCAL", "! --dst-type MULTICAST", "! --dst-type ANYCAST");

    private final String tool;
    private final String ipset;
    private final String digit;
    private final int bits;
    private final String transit;

    Family(String tool, String ipset, String digit, int bits, String... notTransit) {
        this.tool = tool;
        this.ipset = ipset;
        this.digit = digit;
        this.bits = bits;
        this.transit = "-m addrtype " + String.join(" -m addrtype ", notTransit);
    }

    static Family of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    /** What its tools' names begin with. */
    String tool() {
        return tool;
    }

    /** Its name in the language of ipset. */
    String ipset() {
        return ipset;
    }

    /** Tells it apart within a set's name. */
    String digit() {
        return digit;
    }

    /** The address as a rule names it. */
    String host(InetAddress address) {
        return address.getHostAddress() + "/" + bits;
    }

    /** The lengths of the prefixes that count as one source: an address; or the network of a host, and of a customer. */
    List<Integer> sources() {
        return this == IPV4 ? List.of(32) : List.of(64, 48);
    }

    /** Matches a packet that is on its way to another host. */
    String transit() {
        return transit;
    }

    /** An address that no packet comes from: the kernel drops those that claim to, since it stands for a group. */
    String nobody() {
        return this == IPV4 ? "224.0.0.0" : "ff00:0:0:0:0:0:0:0";
    }
}
