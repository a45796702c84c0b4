/** The {@code openme} program: daemon, client and certificate authority. */
module io.openme.cli {
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires info.picocli;
    requires io.openme.core;
    requires io.openme.exec;
    requires io.openme.micrometer;
    requires io.openme.spi;
    requires java.management;
    requires jdk.httpserver;
    requires jdk.net;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires static transitive org.jspecify;
    requires org.slf4j;
    requires org.snakeyaml.engine.v2;

    // Picocli sets the fields of the commands.
    opens io.openme.cli to
            info.picocli;

    provides ch.qos.logback.classic.spi.Configurator with
            io.openme.cli.Logging;
}
