package io.openme.doorman;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A client that has proved who it is.
 *
 * <p>Two are equal when their certificates are: a name is a label for people, and a CA may give it twice.
 */
public final class Client {
    private static final int LONGEST_NAME = 64;

    private final X509Certificate certificate;
    private final String fingerprint;
    private final String name;

    private Client(X509Certificate certificate, String fingerprint, String name) {
        this.certificate = certificate;
        this.fingerprint = fingerprint;
        this.name = name;
    }

    /**
     * The client that holds this certificate. The caller has verified it: its chain, dates, purpose and revocation, and
     * that the peer has its key.
     *
     * @throws IllegalArgumentException if the certificate can't be encoded
     */
    public static Client of(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            String fingerprint = HexFormat.of().formatHex(digest);
            return new Client(certificate, fingerprint, label(certificate, fingerprint));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the client's certificate can't be encoded", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The SHA-256 digest of the certificate: 64 lower-case hexadecimal digits. This is who the client is. */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * The most specific common name of the certificate's subject, for people and logs: at most 64 printable ASCII
     * characters, others replaced by {@code ?}. Without a common name, the first 16 digits of the fingerprint.
     */
    public String name() {
        return name;
    }

    /** The verified certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Client client && fingerprint.equals(client.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    /** {@code alice (3f2a90c41b77de01)}. */
    @Override
    public String toString() {
        return name + " (" + fingerprint.substring(0, 16) + ")";
    }

    private static String label(X509Certificate certificate, String fingerprint) {
        try {
            List<Rdn> names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            for (int i = names.size() - 1; i >= 0; i--) {
                if (names.get(i).getType().equalsIgnoreCase("CN")
                        && names.get(i).getValue() instanceof String text) {
                    String clean = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
                    if (!clean.isEmpty()) {
                        return clean.substring(0, Math.min(LONGEST_NAME, clean.length()));
                    }
                }
            }
        } catch (InvalidNameException e) {
            // A subject that can't be read has no name; the fingerprint tells who it is.
        }
        return fingerprint.substring(0, 16);
    }
}
