/** The doorman and the knocker. */
module io.openme.core {
    requires transitive io.openme.spi;
    requires static transitive org.jspecify;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.util;
    requires org.slf4j;

    exports io.openme.pki;
    exports io.openme.tls;
}
