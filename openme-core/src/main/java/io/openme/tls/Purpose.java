package io.openme.tls;

/** What a certificate must be good for: the one extended key usage that it has to name. */
public enum Purpose {
    /** To knock: {@code clientAuth}. */
    CLIENT("1.3.6.1.5.5.7.3.2"),
    /** To be a doorman: {@code serverAuth}. */
    SERVER("1.3.6.1.5.5.7.3.1");

    private final String identifier;

    Purpose(String identifier) {
        this.identifier = identifier;
    }

    /** The object identifier of the extended key usage, in dotted decimals. */
    public String identifier() {
        return identifier;
    }

    /** {@code clientAuth} or {@code serverAuth}: the spelling of RFC 5280. */
    @Override
    public String toString() {
        return this == CLIENT ? "clientAuth" : "serverAuth";
    }
}
