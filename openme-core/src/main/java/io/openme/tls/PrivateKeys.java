package io.openme.tls;

import io.openme.tls.CredentialException.Problem;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/** Reads a private key from its PEM block: PKCS#8, PKCS#1, SEC1, each with or without encryption. */
final class PrivateKeys {
    // Never registered: a library does not change the security of the program that it is part of.
    private static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();

    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS = Map.of(
            PKCSObjectIdentifiers.rsaEncryption, "RSA",
            X9ObjectIdentifiers.id_ecPublicKey, "EC",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519",
            EdECObjectIdentifiers.id_Ed448, "Ed448");

    private static final Map<String, String> SIGNATURES = Map.of(
            "RSA", "SHA256withRSA",
            "EC", "SHA256withECDSA",
            "EdDSA", "EdDSA");

    /** Seconds of work at the most; a damaged file could ask for hours. */
    private static final long MOST_ITERATIONS = 10_000_000;

    /** 128 bytes times this is what scrypt takes: 256 MiB. */
    private static final long MOST_SCRYPT = 1 << 21;

    private PrivateKeys() {}

    static PrivateKey read(PemFile pem, char @Nullable [] passphrase) {
        PemObject block = pem.key();
        Path file = pem.file();
        return switch (block.getType()) {
            case "PRIVATE KEY" -> plain(file, block.getContent());
            case "ENCRYPTED PRIVATE KEY" -> encrypted(file, block.getContent(), needed(file, passphrase));
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> traditional(file, block, passphrase);
            case "OPENSSH PRIVATE KEY" ->
                throw CredentialFile.unusable(
                        file, "holds an OpenSSH key where a TLS key was expected", "use the key of the certificate");
            default ->
                throw CredentialFile.unusable(
                        file,
                        "holds a " + Peer.printable(block.getType()) + ", which TLS 1.3 can't use",
                        "use an EC (P-256), RSA or Ed25519 key");
        };
    }

    /** Whether the private key is that of the certificate's public key. */
    static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
        try {
            String algorithm = SIGNATURES.get(key.getAlgorithm());
            if (algorithm == null || !key.getAlgorithm().equals(publicKey.getAlgorithm())) {
                return false;
            }
            byte[] probe = "openme".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    private static PrivateKey plain(Path file, byte[] pkcs8) {
        try {
            return toKey(file, PrivateKeyInfo.getInstance(pkcs8));
        } catch (RuntimeException e) {
            throw asIs(file, e);
        }
    }

    private static PrivateKey encrypted(Path file, byte[] content, char[] passphrase) {
        PKCS8EncryptedPrivateKeyInfo info;
        try {
            info = new PKCS8EncryptedPrivateKeyInfo(content);
            checkEffort(file, info.getEncryptionAlgorithm());
        } catch (IOException | RuntimeException e) {
            throw asIs(file, e);
        }
        try {
            return toKey(
                    file,
                    info.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                            .setProvider(BOUNCY_CASTLE)
                            .build(passphrase)));
        } catch (OperatorCreationException e) {
            throw CredentialFile.damaged(file, "the encryption of the key", e);
        } catch (PKCSException | RuntimeException e) {
            throw wrong(file, e);
        }
    }

    private static PrivateKey traditional(Path file, PemObject block, char @Nullable [] passphrase) {
        Object parsed;
        try (PEMParser parser = new PEMParser(new StringReader(text(block)))) {
            parsed = parser.readObject();
        } catch (IOException | RuntimeException e) {
            throw CredentialFile.damaged(file, "the key", e);
        }
        if (parsed instanceof PEMEncryptedKeyPair locked) {
            char[] needed = needed(file, passphrase);
            try {
                parsed = locked.decryptKeyPair(new JcePEMDecryptorProviderBuilder()
                        .setProvider(BOUNCY_CASTLE)
                        .build(needed));
            } catch (IOException | RuntimeException e) {
                throw wrong(file, e);
            }
        }
        try {
            return toKey(file, ((PEMKeyPair) parsed).getPrivateKeyInfo());
        } catch (RuntimeException e) {
            throw asIs(file, e);
        }
    }

    private static PrivateKey toKey(Path file, PrivateKeyInfo info) {
        ASN1ObjectIdentifier identifier = info.getPrivateKeyAlgorithm().getAlgorithm();
        String algorithm = ALGORITHMS.get(identifier);
        if (algorithm == null) {
            throw CredentialFile.unusable(
                    file,
                    "holds a key of a kind that TLS 1.3 can't use (" + identifier + ")",
                    "use an EC (P-256), RSA or Ed25519 key");
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (GeneralSecurityException | IOException e) {
            throw CredentialFile.damaged(file, "the " + algorithm + " key", e);
        }
    }

    private static void checkEffort(Path file, AlgorithmIdentifier encryption) {
        ASN1Encodable parameters = encryption.getParameters();
        long work;
        if (!encryption.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            work = PKCS12PBEParams.getInstance(parameters).getIterations().longValueExact();
        } else {
            KeyDerivationFunc function = PBES2Parameters.getInstance(parameters).getKeyDerivationFunc();
            if (function.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
                ScryptParams scrypt = ScryptParams.getInstance(function.getParameters());
                long memory = Math.multiplyExact(
                        scrypt.getCostParameter().longValueExact(),
                        scrypt.getBlockSize().longValueExact());
                long runs = scrypt.getParallelizationParameter().longValueExact();
                work = memory > MOST_SCRYPT || runs > 16 ? Long.MAX_VALUE : 0;
            } else {
                work = PBKDF2Params.getInstance(function.getParameters())
                        .getIterationCount()
                        .longValueExact();
            }
        }
        if (work > MOST_ITERATIONS) {
            throw CredentialFile.unusable(
                    file,
                    "asks for more work to decrypt its key than is sane",
                    "encrypt the key again (openssl pkcs8 -topk8) with fewer iterations");
        }
    }

    private static String text(PemObject block) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(block);
        }
        return text.toString();
    }

    private static char[] needed(Path file, char @Nullable [] passphrase) {
        if (passphrase == null || passphrase.length == 0) {
            throw new CredentialException(
                    Problem.PASSPHRASE_NEEDED,
                    "the key in " + file + " is encrypted and no passphrase was given; give one, or decrypt the key"
                            + " (openssl pkey)");
        }
        return passphrase;
    }

    private static CredentialException wrong(Path file, Exception cause) {
        // What is ours says more: the passphrase was right, and what it opened is no key for TLS.
        return cause instanceof CredentialException ours
                ? ours
                : new CredentialException(
                        Problem.PASSPHRASE_WRONG,
                        "the passphrase does not open the key in " + file + "; check it and try again",
                        cause);
    }

    private static CredentialException asIs(Path file, Exception cause) {
        return cause instanceof CredentialException ours ? ours : CredentialFile.damaged(file, "the key", cause);
    }
}
