package io.openme.pki;

import io.openme.pki.Profile.Holder;
import io.openme.pki.Profile.Validity;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * A certification authority in memory: it issues certificates for doormen and clients. It remembers nothing of what it
 * issued, so it can't revoke; {@link CaDirectory} can. Safe for any thread.
 *
 * <p>Keys are ECDSA on P-256. A CA is good for {@link #AUTHORITY_LIFETIME}, a certificate for {@link #LEAF_LIFETIME}, but
 * never longer than its CA. Everything is dated back an hour, for clocks that are behind.
 */
public final class CertificateAuthority {
    /** How long a new CA is good for: ten years. */
    public static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);

    /**
     * How long a certificate is good for: 824 days. Some systems accept no server's of more than 825, and the hour that it
     * is dated back counts.
     */
    public static final Duration LEAF_LIFETIME = Duration.ofDays(824);

    /** How long a revocation list is good for: a year. When it ends, everyone is refused until there is a new one. */
    public static final Duration CRL_LIFETIME = Duration.ofDays(365);

    private final Identity identity;
    private final Clock clock;

    /** The CA with this identity, which the caller knows to be a CA's. */
    CertificateAuthority(Identity identity, Clock clock) {
        this.identity = identity;
        this.clock = clock;
    }

    /**
     * Makes a new CA by the system's clock.
     *
     * @param name what people call it: up to 64 letters, digits, spaces and {@code . _ - @ ( ) '}
     * @throws IllegalArgumentException if the name has another form
     */
    public static CertificateAuthority create(String name) {
        return create(name, Clock.systemUTC());
    }

    /**
     * Makes a new CA by this clock.
     *
     * @throws IllegalArgumentException if the name has another form than {@link #create(String)} takes
     */
    public static CertificateAuthority create(String name, Clock clock) {
        Names.checkAuthority(name);
        KeyPair keys = newKeys();
        X509Certificate certificate = Profile.root(
                name, keys.getPublic(), keys.getPrivate(), Validity.of(clock.instant(), AUTHORITY_LIFETIME));
        return new CertificateAuthority(Identity.of(keys.getPrivate(), List.of(certificate)), clock);
    }

    /** Its own certificate: what the other side trusts. */
    public X509Certificate certificate() {
        return identity.certificate();
    }

    /** Trust in this CA alone, without revocation. */
    public Trust trust() {
        return Trust.of(certificate());
    }

    /**
     * Issues a client's key and certificate.
     *
     * @param name up to 64 letters, digits and {@code . _ - @}, with a letter or digit at both ends; not {@code ca}
     * @throws IllegalArgumentException if the name has another form
     * @throws CaException if the CA has expired
     */
    public Identity issueClient(String name) {
        return issue(name, Purpose.CLIENT, Set.of());
    }

    /**
     * Issues a server's key and certificate.
     *
     * @param name a host name or IPv4 address that clients reach it by, within what {@link #issueClient} takes
     * @param others more host names and addresses, IPv6 ones, too. All of them become subject alternative names
     * @throws IllegalArgumentException if one is neither a host name nor an address
     * @throws CaException if the CA has expired
     */
    public Identity issueServer(String name, Collection<String> others) {
        Set<String> all = new LinkedHashSet<>(List.of(name));
        all.addAll(others);
        return issue(name, Purpose.SERVER, all);
    }

    /** Names the CA, never its key. */
    @Override
    public String toString() {
        return "CertificateAuthority[" + identity + "]";
    }

    Identity identity() {
        return identity;
    }

    /** The same CA with a certificate that is good for {@link #AUTHORITY_LIFETIME} from now. */
    CertificateAuthority renewed() {
        X509Certificate anew = Profile.renewedRoot(identity, Validity.of(clock.instant(), AUTHORITY_LIFETIME));
        return new CertificateAuthority(Identity.of(identity.privateKey(), List.of(anew)), clock);
    }

    byte[] revocationList(Collection<IssuedCertificate> issued, BigInteger number, Duration lifetime) {
        return Profile.revocationList(identity, issued, number, validity(lifetime));
    }

    X509Certificate issue(Holder holder, PublicKey key) {
        return Profile.leaf(identity, holder, key, validity(LEAF_LIFETIME));
    }

    private Identity issue(String name, Purpose purpose, Set<String> hosts) {
        Names.checkIssued(name);
        List<GeneralName> alternatives = hosts.stream().map(Names::alternative).toList();
        KeyPair keys = newKeys();
        X509Certificate certificate = issue(Holder.of(name, purpose, alternatives), keys.getPublic());
        return Identity.of(keys.getPrivate(), List.of(certificate));
    }

    private Validity validity(Duration lifetime) {
        Validity wanted = Validity.of(clock.instant(), lifetime);
        Instant end = certificate().getNotAfter().toInstant();
        if (end.isBefore(clock.instant())) {
            throw new CaException("the CA expired at " + end + ", so nothing that it signs is good;"
                    + " renew it (openme ca renew --ca)");
        }
        return wanted.to().isAfter(end) ? new Validity(wanted.from(), end) : wanted;
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes EC keys", e);
        }
    }
}
