package io.openme.tls;

import io.openme.tls.UntrustedException.Reason;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** The signatures and keys that can't be forged today; a list of the good ones, so that a new bad one is not let in. */
final class Algorithms {
    private static final int SHORTEST_RSA = 2048;
    private static final int SHORTEST_EC = 256;

    private static final Set<ASN1ObjectIdentifier> SIGNATURES = Set.of(
            PKCSObjectIdentifiers.sha256WithRSAEncryption,
            PKCSObjectIdentifiers.sha384WithRSAEncryption,
            PKCSObjectIdentifiers.sha512WithRSAEncryption,
            X9ObjectIdentifiers.ecdsa_with_SHA256,
            X9ObjectIdentifiers.ecdsa_with_SHA384,
            X9ObjectIdentifiers.ecdsa_with_SHA512,
            EdECObjectIdentifiers.id_Ed25519,
            EdECObjectIdentifiers.id_Ed448);

    private static final Set<ASN1ObjectIdentifier> HASHES =
            Set.of(NISTObjectIdentifiers.id_sha256, NISTObjectIdentifiers.id_sha384, NISTObjectIdentifiers.id_sha512);

    private Algorithms() {}

    static boolean strongSignature(String identifier, byte @Nullable [] parameters) {
        ASN1ObjectIdentifier algorithm = new ASN1ObjectIdentifier(identifier);
        if (algorithm.equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
            return parameters != null
                    && HASHES.contains(RSASSAPSSparams.getInstance(parameters)
                            .getHashAlgorithm()
                            .getAlgorithm());
        }
        return SIGNATURES.contains(algorithm);
    }

    static boolean strongKey(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return rsa.getModulus().bitLength() >= SHORTEST_RSA;
        }
        if (key instanceof ECPublicKey ec) {
            return ec.getParams().getOrder().bitLength() >= SHORTEST_EC;
        }
        return key instanceof EdECPublicKey;
    }

    static void check(X509Certificate certificate) throws UntrustedException {
        if (!strongSignature(certificate.getSigAlgOID(), certificate.getSigAlgParams())) {
            throw weak(certificate, "is signed with " + Peer.printable(certificate.getSigAlgName()));
        }
        if (!strongKey(certificate.getPublicKey())) {
            throw weak(
                    certificate,
                    "has too weak a key (" + certificate.getPublicKey().getAlgorithm() + ")");
        }
    }

    private static UntrustedException weak(X509Certificate certificate, String finding) {
        return new UntrustedException(
                Reason.WEAK,
                "the certificate of " + Peer.nameOf(certificate) + " " + finding
                        + ", which can be forged; issue a new one with P-256 and SHA-256");
    }
}
