/** Meters of a doorman for Micrometer. */
module io.openme.micrometer {
    requires transitive io.openme.core;
    requires transitive micrometer.core;
    requires static transitive org.jspecify;

    exports io.openme.micrometer;
}
