package io.openme.testkit;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/** The kinds of key that {@link TestCa} makes, good and bad ones. */
public enum KeyType {
    /** ECDSA on P-256: what openme issues. */
    P256("EC", 256, "SHA256withECDSA"),
    /** ECDSA on P-384. */
    P384("EC", 384, "SHA384withECDSA"),
    /** RSA with 2048 bits: what easy-rsa issues. */
    RSA_2048("RSA", 2048, "SHA256withRSA"),
    /** RSA with 1024 bits, which is too weak. */
    RSA_1024("RSA", 1024, "SHA256withRSA"),
    /** Ed25519. */
    ED25519("Ed25519", 255, "Ed25519");

    private final String algorithm;
    private final int bits;
    private final String signature;

    KeyType(String algorithm, int bits, String signature) {
        this.algorithm = algorithm;
        this.bits = bits;
        this.signature = signature;
    }

    /** A new key pair of this kind. */
    public KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no " + this + " key", e);
        }
    }

    /** The signature algorithm that a CA with such a key uses. */
    String signature() {
        return signature;
    }
}
