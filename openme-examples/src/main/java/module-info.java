/** Programs to copy from. */
module io.openme.examples {
    requires io.openme.core;
    requires jdk.httpserver;
    requires static org.jspecify;
}
