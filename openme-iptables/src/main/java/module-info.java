/** The iptables firewall backend, found by its service {@link io.openme.spi.FirewallProvider}. */
module io.openme.iptables {
    requires io.openme.exec;
    requires transitive io.openme.spi;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.openme.iptables;

    provides io.openme.spi.FirewallProvider with
            io.openme.iptables.IptablesProvider;
}
