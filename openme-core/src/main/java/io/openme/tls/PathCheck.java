package io.openme.tls;

import io.openme.tls.UntrustedException.Reason;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Finds and checks the path from a peer's certificate to one of our CAs.
 *
 * <p>The JDK's PKIX validation is the heart of it. Before it come the signatures alone. Around it stands what it lets
 * through: an expired CA, a CA's own certificate as a peer's, a missing purpose, a weak key, a path longer than the CA
 * allows.
 */
final class PathCheck {
    /** Checking a certificate costs time, and a peer that nobody knows yet chooses how many to send. */
    static final int LONGEST = 4;

    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;

    private final List<X509Certificate> authorities;
    private final Set<TrustAnchor> anchors;

    /** @param authorities without name constraints: the JDK takes none in a trust anchor, and they would not count */
    PathCheck(List<X509Certificate> authorities) {
        this.authorities = authorities;
        this.anchors =
                authorities.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toUnmodifiableSet());
    }

    /** The whole path, from the peer's certificate to the CA of ours. */
    List<X509Certificate> check(List<X509Certificate> sent, Purpose purpose, Instant at) throws UntrustedException {
        if (sent.isEmpty()) {
            throw new UntrustedException(Reason.MALFORMED, "the peer showed no certificate");
        }
        if (sent.size() > LONGEST) {
            throw new UntrustedException(
                    Reason.MALFORMED,
                    "the peer sent " + sent.size() + " certificates; at most " + LONGEST + " are looked at");
        }
        X509Certificate leaf = sent.get(0);
        if (leaf.getBasicConstraints() >= 0 || authorities.contains(leaf)) {
            throw new UntrustedException(
                    Reason.WRONG_PURPOSE,
                    "the certificate of " + Peer.nameOf(leaf) + " is a CA's; issue one for the " + role(purpose));
        }
        List<X509Certificate> path = path(sent);
        X509Certificate authority = validate(path, authenticate(path, at), at);
        int allowed = authority.getBasicConstraints();
        if (path.size() - 1 > allowed) {
            throw new UntrustedException(
                    Reason.UNKNOWN_CA,
                    "there are " + (path.size() - 1) + " CAs between " + Peer.nameOf(leaf) + " and "
                            + Peer.nameOf(authority) + ", which allows " + allowed);
        }
        checkPurpose(path, purpose);
        ReadableNames.check(leaf);
        List<X509Certificate> whole = new ArrayList<>(path);
        whole.add(authority);
        return whole;
    }

    /** Follows the issuers from the leaf as far as certificates were sent, and stops below the first of our CAs. */
    private List<X509Certificate> path(List<X509Certificate> sent) {
        List<X509Certificate> path = new ArrayList<>(List.of(sent.get(0)));
        List<X509Certificate> rest = new ArrayList<>(sent.subList(1, sent.size()));
        while (!isAuthority(path.get(path.size() - 1).getIssuerX500Principal())) {
            X500Principal wanted = path.get(path.size() - 1).getIssuerX500Principal();
            Optional<X509Certificate> next = rest.stream()
                    .filter(each -> each.getSubjectX500Principal().equals(wanted))
                    .findFirst();
            if (next.isEmpty()) {
                break;
            }
            rest.remove(next.get());
            path.add(next.get());
        }
        return path;
    }

    private boolean isAuthority(X500Principal name) {
        return authorities.stream()
                .anyMatch(each -> each.getSubjectX500Principal().equals(name));
    }

    /**
     * Checks the signatures alone, from the top down, and returns those of our CAs that made the uppermost. PKIX looks at
     * all that a certificate says before it looks at who signed it, and what it says can take long to go through: so it
     * is not shown what nobody has vouched for.
     */
    private Set<TrustAnchor> authenticate(List<X509Certificate> path, Instant at) throws UntrustedException {
        X509Certificate leaf = path.get(0);
        X509Certificate last = path.get(path.size() - 1);
        if (!isAuthority(last.getIssuerX500Principal())) {
            throw unknown(leaf, null);
        }
        Algorithms.check(last);
        List<TrustAnchor> vouching = new ArrayList<>();
        for (TrustAnchor each : anchors) {
            if (each.getTrustedCert().getSubjectX500Principal().equals(last.getIssuerX500Principal())
                    && isSignedWith(last, each.getTrustedCert().getPublicKey())) {
                vouching.add(each);
            }
        }
        if (vouching.isEmpty()) {
            throw unknown(leaf, null);
        }
        for (int i = path.size() - 2; i >= 0; i--) {
            Algorithms.check(path.get(i));
            if (!isSignedWith(path.get(i), path.get(i + 1).getPublicKey())) {
                throw unknown(leaf, null);
            }
        }
        // A renewed CA may be there twice, with one key.
        Set<TrustAnchor> current = vouching.stream()
                .filter(each -> isCurrent(each.getTrustedCert(), at))
                .collect(Collectors.toUnmodifiableSet());
        if (current.isEmpty()) {
            checkDates(vouching.get(0).getTrustedCert(), at);
        }
        for (TrustAnchor each : current) {
            Algorithms.check(each.getTrustedCert());
        }
        return current;
    }

    /** PKIX checks it again, for which the JDK's certificate remembers that it was good. */
    private static boolean isSignedWith(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static X509Certificate validate(List<X509Certificate> path, Set<TrustAnchor> vouching, Instant at)
            throws UntrustedException {
        X509Certificate leaf = path.get(0);
        try {
            PKIXParameters parameters = new PKIXParameters(vouching);
            // Revocation is ours: the JDK's takes milliseconds a knock, and lets everyone in when its list is old.
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult) CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return result.getTrustAnchor().getTrustedCert();
        } catch (CertPathValidatorException e) {
            X509Certificate at0 = e.getIndex() >= 0 && e.getIndex() < path.size() ? path.get(e.getIndex()) : leaf;
            throw refusal(e, at0, leaf, at);
        } catch (CertificateException e) {
            throw new UntrustedException(Reason.MALFORMED, "the certificates can't be understood", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK validates PKIX paths", e);
        }
    }

    private static UntrustedException refusal(
            CertPathValidatorException e, X509Certificate culprit, X509Certificate leaf, Instant at) {
        CertPathValidatorException.Reason reason = e.getReason();
        if (reason == BasicReason.EXPIRED) {
            return expired(culprit, at, e);
        }
        if (reason == BasicReason.NOT_YET_VALID) {
            return early(culprit, at, e);
        }
        if (reason == BasicReason.ALGORITHM_CONSTRAINED) {
            return new UntrustedException(
                    Reason.WEAK,
                    "the certificate of " + Peer.nameOf(culprit) + " uses an algorithm that this JDK does not allow;"
                            + " issue a new one with P-256 and SHA-256",
                    e);
        }
        if (reason == PKIXReason.NO_TRUST_ANCHOR
                || reason == BasicReason.INVALID_SIGNATURE
                || reason == PKIXReason.NAME_CHAINING
                || reason == PKIXReason.NOT_CA_CERT
                || reason == PKIXReason.PATH_TOO_LONG
                || reason == PKIXReason.INVALID_KEY_USAGE) {
            return unknown(leaf, e);
        }
        return new UntrustedException(
                Reason.MALFORMED,
                "the certificate of " + Peer.nameOf(culprit) + " breaks a rule of X.509 (" + reason + ")",
                e);
    }

    private static boolean isCurrent(X509Certificate certificate, Instant at) {
        return !at.isAfter(certificate.getNotAfter().toInstant())
                && !at.isBefore(certificate.getNotBefore().toInstant());
    }

    private static void checkDates(X509Certificate certificate, Instant at) throws UntrustedException {
        if (at.isAfter(certificate.getNotAfter().toInstant())) {
            throw expired(certificate, at, null);
        }
        if (at.isBefore(certificate.getNotBefore().toInstant())) {
            throw early(certificate, at, null);
        }
    }

    private static void checkPurpose(List<X509Certificate> path, Purpose purpose) throws UntrustedException {
        X509Certificate leaf = path.get(0);
        List<String> purposes = purposes(leaf);
        if (purposes == null || !purposes.contains(purpose.identifier())) {
            throw new UntrustedException(
                    Reason.WRONG_PURPOSE,
                    "the certificate of " + Peer.nameOf(leaf) + " is not for a " + role(purpose)
                            + ": its extended key usage " + (purposes == null ? "is missing" : "is " + purposes)
                            + ", and " + purpose + " is needed");
        }
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new UntrustedException(
                    Reason.WRONG_PURPOSE,
                    "the certificate of " + Peer.nameOf(leaf) + " may not sign a handshake: its key usage lacks"
                            + " digitalSignature");
        }
        for (X509Certificate each : path.subList(1, path.size())) {
            List<String> allowed = purposes(each);
            if (allowed != null && !allowed.contains(purpose.identifier()) && !allowed.contains(ANY_PURPOSE)) {
                throw new UntrustedException(
                        Reason.WRONG_PURPOSE,
                        "the CA " + Peer.nameOf(each) + " may not issue certificates for a " + role(purpose));
            }
        }
    }

    private static @Nullable List<String> purposes(X509Certificate certificate) throws UntrustedException {
        try {
            return certificate.getExtendedKeyUsage();
        } catch (CertificateException e) {
            throw new UntrustedException(
                    Reason.MALFORMED,
                    "the extended key usage of " + Peer.nameOf(certificate) + " can't be understood",
                    e);
        }
    }

    private static UntrustedException unknown(X509Certificate leaf, @Nullable Exception cause) {
        return new UntrustedException(
                Reason.UNKNOWN_CA,
                "the certificate of " + Peer.nameOf(leaf) + ", issued by "
                        + Peer.printable(leaf.getIssuerX500Principal().getName())
                        + ", does not lead to a CA that is trusted here",
                cause);
    }

    private static UntrustedException expired(X509Certificate culprit, Instant at, @Nullable Exception cause) {
        return new UntrustedException(
                Reason.EXPIRED,
                "the certificate of " + Peer.nameOf(culprit) + " expired at "
                        + culprit.getNotAfter().toInstant() + " (it is " + at + "); issue a new one",
                cause);
    }

    private static UntrustedException early(X509Certificate culprit, Instant at, @Nullable Exception cause) {
        return new UntrustedException(
                Reason.NOT_YET_VALID,
                "the certificate of " + Peer.nameOf(culprit) + " is valid from "
                        + culprit.getNotBefore().toInstant() + " (it is " + at + "); check the clock",
                cause);
    }

    private static String role(Purpose purpose) {
        return purpose == Purpose.CLIENT ? "client" : "server";
    }
}
