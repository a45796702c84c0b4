/** The nftables firewall backend, found by its service {@link io.openme.spi.FirewallProvider}. */
module io.openme.nftables {
    requires io.openme.exec;
    requires transitive io.openme.spi;
    requires static transitive org.jspecify;

    exports io.openme.nftables;

    provides io.openme.spi.FirewallProvider with
            io.openme.nftables.NftablesProvider;
}
