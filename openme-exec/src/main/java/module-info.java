/** Runs commands of the host with deadlines, bounded output and typed errors. */
module io.openme.exec {
    requires org.apache.commons.exec;
    requires transitive io.openme.spi;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.openme.exec;
    exports io.openme.exec.backend to
            io.openme.iptables,
            io.openme.nftables;
}
