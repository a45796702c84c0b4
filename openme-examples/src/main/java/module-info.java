/** Programs to copy from. */
module io.openme.examples {
    requires io.openme.core;
    requires io.openme.spi;
    requires jdk.httpserver;
    requires static org.jspecify;

    provides io.openme.spi.FirewallProvider with
            io.openme.examples.haproxy.HaproxyProvider;
}
