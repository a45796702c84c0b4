package io.openme.tls;

import io.openme.internal.text.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * A certificate that was found good, and with it the one who proved to hold its key.
 *
 * @param fingerprint SHA-256 of the certificate, 64 lower-case hexadecimal digits: what tells peers apart
 * @param name a label for people: the common name, or the whole subject where there is not exactly one; up to 64
 *     characters of printable ASCII, anything else is replaced by {@code ?}, so it is safe to log. Two peers may have
 *     the same name, so nothing is decided by it
 * @param certificate the certificate itself; what it holds is the CA's and the peer's word and not safe to log
 * @param chain that certificate and those of the CAs between it and one that is trusted, each vouched for by the next.
 *     Nothing else that the peer sent is in it
 * @param end until when it and all that vouches for it are good, as far as that is known
 */
public record Peer(
        String fingerprint, String name, X509Certificate certificate, List<X509Certificate> chain, Instant end) {
    private static final int LONGEST_NAME = 64;

    /** Copies the chain. */
    public Peer {
        chain = List.copyOf(chain);
    }

    /** The peer with this certificate, which somebody has verified; who vouches for it is not known. */
    public static Peer of(X509Certificate certificate) {
        return of(List.of(certificate), certificate.getNotAfter().toInstant());
    }

    /**
     * The peer with these certificates, its own first, which somebody has verified.
     *
     * @param end until when they and the CA above them are good
     * @throws IllegalArgumentException if there is none
     */
    public static Peer of(List<X509Certificate> chain, Instant end) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a peer is known by its certificate, and there is none");
        }
        X509Certificate certificate = chain.get(0);
        return new Peer(fingerprintOf(certificate), nameOf(certificate), certificate, chain, end);
    }

    /** {@code alice (1f3a...)}: the name and the beginning of the fingerprint. */
    @Override
    public String toString() {
        return name + " (" + fingerprint.substring(0, 16) + ")";
    }

    static String fingerprintOf(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("every JDK has SHA-256, and the certificate was decoded before", e);
        }
    }

    static String nameOf(X509Certificate certificate) {
        return printable(subjectOf(certificate));
    }

    private static String subjectOf(X509Certificate certificate) {
        try {
            X500Name subject =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            RDN[] commonNames = subject.getRDNs(BCStyle.CN);
            return commonNames.length == 1 && !commonNames[0].isMultiValued()
                    ? IETFUtils.valueToString(commonNames[0].getFirst().getValue())
                    : subject.toString();
        } catch (IllegalArgumentException e) {
            // Bytes that are no UTF-8, for one. Whoever is refused for that still needs a name in the refusal.
            return certificate.getSubjectX500Principal().getName();
        }
    }

    /**
     * What is left of a text that somebody else wrote once it is safe in a log and in an error: 64 characters of printable
     * ASCII at the most, with {@code ?} for each other one.
     */
    public static String printable(String text) {
        return Printable.of(text, LONGEST_NAME);
    }
}
