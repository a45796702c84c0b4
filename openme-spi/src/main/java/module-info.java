/** The firewall SPI: what a backend implements to open and close ports on behalf of a doorman. */
module io.openme.spi {
    requires static transitive org.jspecify;

    exports io.openme.spi;
}
