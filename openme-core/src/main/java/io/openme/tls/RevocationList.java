package io.openme.tls;

import io.openme.tls.CredentialException.Problem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CRLEntryHolder;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * A revocation list that its CA really signed, reduced to what a knock needs. Only the serial numbers are kept: a list
 * of 100,000 costs a knock one look into a set.
 */
record RevocationList(
        X500Principal issuer,
        PublicKey signer,
        Optional<BigInteger> number,
        Instant thisUpdate,
        Instant nextUpdate,
        Duration grace,
        Set<BigInteger> serials) {
    /** About a million entries. */
    static final int LARGEST = 64 << 20;

    private static final byte DER_SEQUENCE = 0x30;

    /** Reads the lists of a file, PEM or DER, each of which one of these CAs must have signed. */
    static List<RevocationList> read(Path file, List<X509Certificate> authorities, Duration grace) {
        byte[] content = CredentialFile.read(file, "a revocation list", LARGEST);
        List<byte[]> lists = content[0] == DER_SEQUENCE
                ? List.of(content)
                : PemFile.of(file, content, "a revocation list").revocationLists();
        return lists.stream().map(each -> parse(file, each, authorities, grace)).toList();
    }

    boolean isOf(X509Certificate authority) {
        return issuer.equals(authority.getSubjectX500Principal()) && signer.equals(authority.getPublicKey());
    }

    /** When everyone of its CA is refused. */
    Instant end() {
        return nextUpdate.plus(grace);
    }

    /**
     * Whether this is an earlier list than that one, of the same CA: whoever brings an old list back lets those in again
     * who were revoked since. Lists without a number, as easy-rsa makes them, are told by their dates; one that has none
     * after one that has is from before the CA began to number them.
     */
    boolean isBefore(RevocationList other) {
        if (!issuer.equals(other.issuer) || !signer.equals(other.signer)) {
            return false;
        }
        if (number.isEmpty() && other.number.isEmpty()) {
            return thisUpdate.isBefore(other.thisUpdate);
        }
        return number.isEmpty() || (other.number.isPresent() && number.get().compareTo(other.number.get()) < 0);
    }

    private static RevocationList parse(Path file, byte[] der, List<X509Certificate> authorities, Duration grace) {
        try {
            X509CRLHolder list = new X509CRLHolder(der);
            checkComplete(file, list.getCriticalExtensionOIDs());
            if (list.getNextUpdate() == null) {
                throw CredentialFile.unusable(
                        file, "holds a revocation list that never ends", "make one that says when its next update is");
            }
            X500Principal issuer = new X500Principal(list.getIssuer().getEncoded());
            PublicKey signer = signer(file, list, issuer, authorities);
            Set<BigInteger> serials = new HashSet<>();
            for (Object each : list.getRevokedCertificates()) {
                X509CRLEntryHolder entry = (X509CRLEntryHolder) each;
                checkComplete(file, entry.getCriticalExtensionOIDs());
                serials.add(entry.getSerialNumber());
            }
            return new RevocationList(
                    issuer,
                    signer,
                    number(list),
                    list.getThisUpdate().toInstant(),
                    list.getNextUpdate().toInstant(),
                    grace,
                    Set.copyOf(serials));
        } catch (IOException | CertException e) {
            throw CredentialFile.damaged(file, "the revocation list", e);
        } catch (RuntimeException e) {
            // Bouncy Castle throws what it likes on a broken list.
            throw e instanceof CredentialException ours ? ours : CredentialFile.damaged(file, "the revocation list", e);
        }
    }

    private static Optional<BigInteger> number(X509CRLHolder list) {
        Extension extension = list.getExtension(Extension.cRLNumber);
        return extension == null
                ? Optional.empty()
                : Optional.of(CRLNumber.getInstance(extension.getParsedValue()).getCRLNumber());
    }

    /** A critical extension changes what the list means: a part of a list, or one for somebody else's certificates. */
    private static void checkComplete(Path file, Set<?> critical) {
        if (!critical.isEmpty()) {
            throw CredentialFile.unusable(
                    file,
                    "holds a revocation list of a special kind (critical extension "
                            + critical.iterator().next() + ")",
                    "give a complete one, made by the CA itself");
        }
    }

    private static PublicKey signer(
            Path file, X509CRLHolder list, X500Principal issuer, List<X509Certificate> authorities)
            throws CertException, IOException {
        var algorithm = list.toASN1Structure().getSignatureAlgorithm();
        byte[] parameters = algorithm.getParameters() == null
                ? null
                : algorithm.getParameters().toASN1Primitive().getEncoded();
        if (!Algorithms.strongSignature(algorithm.getAlgorithm().getId(), parameters)) {
            throw CredentialFile.unusable(
                    file,
                    "holds a revocation list whose signature can be forged (" + algorithm.getAlgorithm() + ")",
                    "let the CA sign it with SHA-256");
        }
        for (X509Certificate authority : authorities) {
            if (authority.getSubjectX500Principal().equals(issuer)) {
                try {
                    if (list.isSignatureValid(
                            new JcaContentVerifierProviderBuilder().build(authority.getPublicKey()))) {
                        return authority.getPublicKey();
                    }
                } catch (OperatorCreationException e) {
                    throw new CertException("signature", e);
                }
            }
        }
        throw new CredentialException(
                Problem.MISMATCH,
                "the revocation list in " + file + " was issued by " + Peer.printable(issuer.getName())
                        + ", but not signed by a CA that is trusted here ("
                        + Peer.nameOf(authorities.get(0)) + "); give the list of that CA");
    }
}
