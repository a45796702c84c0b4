package io.openme.tls;

import io.openme.tls.CredentialException.Problem;
import io.openme.tls.UntrustedException.Reason;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whom we believe: the CAs whose certificates are good, and what they revoked. Immutable, and safe for any thread.
 *
 * <p>Only these CAs count, never those that the JDK or the host trusts. Whatever is uncertain is a refusal: with
 * revocation lists in use, a list that is too old or missing refuses everyone of its CA.
 */
public final class Trust {
    private static final int KEY_CERT_SIGN = 5;
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final Duration LONGEST_GRACE = Duration.ofDays(365);

    private final List<X509Certificate> authorities;
    private final List<RevocationList> revocations;
    private final PathCheck path;

    private Trust(List<X509Certificate> authorities, List<RevocationList> revocations) {
        this.authorities = authorities;
        this.revocations = revocations;
        this.path = new PathCheck(authorities);
    }

    /**
     * Trusts these CAs, without revocation.
     *
     * @throws CredentialException if there is none, or one is not a CA's certificate or has name constraints
     */
    public static Trust of(X509Certificate... authorities) {
        return of(List.of(authorities));
    }

    /**
     * Trusts these CAs, without revocation.
     *
     * @throws CredentialException if there is none, or one is not a CA's certificate or has name constraints
     */
    public static Trust of(Collection<X509Certificate> authorities) {
        return of(authorities, "the CA certificate");
    }

    /**
     * Trusts the CAs of a PEM file, without revocation. Text around the certificates is skipped; the file is read once.
     *
     * @throws CredentialException if it can't be used, or one of them is not a CA's certificate or has name constraints
     */
    public static Trust ofPem(Path file) {
        return of(PemFile.read(file, "a CA certificate").certificates(), "the CA certificate in " + file);
    }

    /**
     * The same trust that heeds the revocation lists of a file, too: one or more in PEM, or one in DER, up to 64 MiB. From
     * then on each CA needs a list: those of a CA without one are refused, and with a list that is past its next update
     * everybody is. The file is read once.
     *
     * @throws CredentialException if it can't be used, is not signed by one of the CAs, or a CA has two lists
     */
    public Trust withCrl(Path file) {
        return withCrl(file, Duration.ZERO);
    }

    /**
     * The same as {@link #withCrl(Path)}, but its lists still count for this long after their next update. Who was revoked by
     * then stays refused; who was revoked since gets in, which is what this costs.
     *
     * @param grace zero to 365 days
     * @throws CredentialException if it can't be used, is not signed by one of the CAs, or a CA has two lists
     * @throws IllegalArgumentException if the grace is out of bounds
     */
    public Trust withCrl(Path file, Duration grace) {
        if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
            throw new IllegalArgumentException("a grace of " + grace + " is out of bounds; it is 0 to 365 days");
        }
        List<RevocationList> all = new ArrayList<>(revocations);
        for (RevocationList list : RevocationList.read(file, authorities, grace)) {
            if (all.stream()
                    .anyMatch(each ->
                            each.issuer().equals(list.issuer()) && each.signer().equals(list.signer()))) {
                throw new CredentialException(
                        Problem.MISMATCH,
                        "there are two revocation lists of "
                                + Peer.printable(list.issuer().getName()) + ", the second in " + file
                                + "; keep only the newer one");
            }
            all.add(list);
        }
        return new Trust(authorities, List.copyOf(all));
    }

    /** The CAs, at least one. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /**
     * When the first revocation list becomes too old, its grace included, and everyone of its CA is refused; empty if there
     * is none.
     */
    public Optional<Instant> revocationsEnd() {
        return revocations.stream().map(RevocationList::end).min(Comparator.naturalOrder());
    }

    /**
     * What ends by itself and then keeps peers out: each CA, and each revocation list at its next update, without grace.
     */
    public List<Term> terms() {
        List<Term> terms = new ArrayList<>();
        for (X509Certificate each : authorities) {
            terms.add(Term.of("the CA " + Peer.nameOf(each), each));
        }
        for (RevocationList list : revocations) {
            terms.add(new Term(
                    "the revocation list of " + Peer.printable(list.issuer().getName()),
                    list.thisUpdate(),
                    list.nextUpdate()));
        }
        return terms;
    }

    /**
     * Checks that no revocation list of this trust is an earlier one than that of the same CA was before.
     *
     * @throws CredentialException if one is: by its number, or by its date if it has no number
     */
    public void requireNotBefore(Trust before) {
        for (RevocationList list : revocations) {
            for (RevocationList old : before.revocations) {
                if (list.isBefore(old)) {
                    throw new CredentialException(
                            Problem.UNUSABLE,
                            "the revocation list of "
                                    + Peer.printable(list.issuer().getName())
                                    + " is an earlier one than that in use: " + describe(list) + " after "
                                    + describe(old)
                                    + "; whoever was revoked in between would get in again. Give the newest one");
                }
            }
        }
    }

    private static String describe(RevocationList list) {
        return list.number().map(n -> "number " + n + " of ").orElse("") + list.thisUpdate();
    }

    /**
     * Checks the certificates that a peer sent: the path to one of the CAs, dates (the CA's, too), purpose, strength, and
     * revocation. Does not check that the peer holds the key (the handshake does) nor a server's name.
     *
     * <p>Blocks for no input or output; costs about one signature check for each certificate of the path.
     *
     * @param chain the peer's own certificate first; more than 4 are refused unseen
     * @param purpose what the peer's certificate must name as its extended key usage
     * @param at the present
     * @return the peer, with those certificates that make the path
     * @throws UntrustedException if the peer is refused
     */
    public Peer verify(List<X509Certificate> chain, Purpose purpose, Instant at) throws UntrustedException {
        try {
            List<X509Certificate> whole = path.check(chain, purpose, at);
            checkRevocation(whole, at);
            return Peer.of(whole.subList(0, whole.size() - 1), end(whole));
        } catch (RuntimeException e) {
            // Decoders may throw on what they read late; that is a broken certificate, not a broken doorman.
            throw new UntrustedException(
                    Reason.MALFORMED,
                    "the certificate can't be understood (" + e.getClass().getSimpleName() + ")",
                    e);
        }
    }

    /** Names the CAs. */
    @Override
    public String toString() {
        return "Trust" + authorities.stream().map(Peer::of).toList() + (revocations.isEmpty() ? "" : " with CRL");
    }

    private static Instant end(List<X509Certificate> whole) {
        return whole.stream()
                .map(each -> each.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private void checkRevocation(List<X509Certificate> whole, Instant at) throws UntrustedException {
        if (revocations.isEmpty()) {
            return;
        }
        List<RevocationList> lists = new ArrayList<>();
        for (int i = whole.size() - 2; i >= 0; i--) {
            lists.add(listOf(whole.get(i + 1), whole.get(i)));
        }
        // A known-revoked one is told so even by an old list, and even if the list above it is old.
        for (int i = 0; i < lists.size(); i++) {
            X509Certificate certificate = whole.get(whole.size() - 2 - i);
            if (lists.get(i).serials().contains(certificate.getSerialNumber())) {
                throw new UntrustedException(
                        Reason.REVOKED,
                        "the certificate of " + Peer.nameOf(certificate) + " (serial "
                                + certificate.getSerialNumber().toString(16) + ") is revoked");
            }
        }
        for (RevocationList list : lists) {
            if (at.isAfter(list.end())) {
                throw new UntrustedException(
                        Reason.CRL_STALE,
                        "the revocation list of " + Peer.printable(list.issuer().getName()) + " ended at "
                                + list.nextUpdate()
                                + ", so everyone is refused; let the CA make a new one (openme ca crl)");
            }
        }
    }

    private RevocationList listOf(X509Certificate issuer, X509Certificate certificate) throws UntrustedException {
        return revocations.stream()
                .filter(each -> each.isOf(issuer))
                .findFirst()
                .orElseThrow(() -> new UntrustedException(
                        Reason.CRL_MISSING,
                        "there is no revocation list of " + Peer.nameOf(issuer) + ", which issued "
                                + Peer.nameOf(certificate) + "; give one, or use none at all"));
    }

    private static Trust of(Collection<X509Certificate> authorities, String name) {
        if (authorities.isEmpty()) {
            throw new CredentialException(Problem.UNUSABLE, "no CA is trusted; give the certificate of at least one");
        }
        for (X509Certificate each : authorities) {
            boolean[] usage = each.getKeyUsage();
            if (each.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
                throw new CredentialException(
                        Problem.UNUSABLE,
                        name + " (" + Peer.nameOf(each) + ") is not a CA's, so it vouches for nobody; give the"
                                + " certificate of the CA that issued it");
            }
            if (each.getExtensionValue(NAME_CONSTRAINTS) != null) {
                throw new CredentialException(
                        Problem.UNUSABLE,
                        name + " (" + Peer.nameOf(each) + ") has name constraints, which the JDK does not take in a CA"
                                + " that is trusted by itself; give one without them, or the CA that issued this one, and"
                                + " have peers send this one with theirs");
            }
        }
        return new Trust(List.copyOf(authorities), List.of());
    }
}
