/** What tests of openme and of its backends share. */
module io.openme.testkit {
    requires transitive io.openme.spi;
    requires org.assertj.core;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports io.openme.testkit;
}
