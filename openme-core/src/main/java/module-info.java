/** The doorman and the knocker: the protocol, grants, policy, TLS and PKI behind them. */
module io.openme.core {
    requires transitive io.openme.spi;
    requires static transitive org.jspecify;
    requires jdk.jfr;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.util;
    requires org.slf4j;

    exports io.openme.audit;
    exports io.openme.doorman;
    exports io.openme.firewall;
    exports io.openme.knocker;
    exports io.openme.pki;
    exports io.openme.policy;
    exports io.openme.protocol;
    exports io.openme.tls;
    // The program helps with mistyped keys as the library does.
    exports io.openme.internal.text to
            io.openme.cli;

    uses io.openme.spi.FirewallProvider;

    provides io.openme.spi.FirewallProvider with
            io.openme.firewall.DryRunFirewallProvider,
            io.openme.firewall.InProcessFirewallProvider;
}
