package io.openme.pki;

import io.openme.tls.Identity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;

/** Which ciphers a PKCS#12 store is made with. */
public enum Pkcs12 {
    /** AES-256 by PBES2, and a MAC with SHA-256: for everything of the last years. */
    MODERN(NISTObjectIdentifiers.id_aes256_CBC, NISTObjectIdentifiers.id_sha256, 200_000),
    /** Triple DES, and a MAC with SHA-1: for older Android, iOS and macOS, which call a passphrase wrong
     * when they do not know the ciphers. */
    COMPATIBLE(PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC, OIWObjectIdentifiers.idSHA1, 100_000);

    // Three times in a store, and a phone takes its time for each.
    private final int iterations;
    // By name, since enums have to be immutable and Bouncy Castle's objects do not say that they are.
    private final String cipher;
    private final String digest;

    Pkcs12(ASN1ObjectIdentifier cipher, ASN1ObjectIdentifier digest, int iterations) {
        this.cipher = cipher.getId();
        this.digest = digest.getId();
        this.iterations = iterations;
    }

    /** A store with the key, its certificate and this CA's. */
    byte[] encode(String name, Identity identity, X509Certificate authority, char[] passphrase) {
        Provider provider = new BouncyCastleProvider();
        try {
            SubjectKeyIdentifier link = new JcaX509ExtensionUtils()
                    .createSubjectKeyIdentifier(identity.certificate().getPublicKey());
            List<PKCS12SafeBag> certificates = new ArrayList<>();
            certificates.add(named(new JcaPKCS12SafeBagBuilder(identity.certificate()), name)
                    .addBagAttribute(PKCSObjectIdentifiers.pkcs_9_at_localKeyId, link)
                    .build());
            certificates.add(new JcaPKCS12SafeBagBuilder(authority).build());
            PKCS12SafeBag key = named(
                            new JcaPKCS12SafeBagBuilder(identity.privateKey(), encryptor(provider, passphrase)), name)
                    .addBagAttribute(PKCSObjectIdentifiers.pkcs_9_at_localKeyId, link)
                    .build();
            return new PKCS12PfxPduBuilder()
                    .addEncryptedData(encryptor(provider, passphrase), certificates.toArray(PKCS12SafeBag[]::new))
                    .addData(key)
                    .build(
                            new JcePKCS12MacCalculatorBuilder(new ASN1ObjectIdentifier(digest))
                                    .setProvider(provider)
                                    .setIterationCount(iterations),
                            passphrase)
                    .getEncoded();
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException e) {
            throw new CaException("can't make a PKCS#12 store for " + name, e);
        }
    }

    private static PKCS12SafeBagBuilder named(PKCS12SafeBagBuilder bag, String name) {
        return bag.addBagAttribute(PKCSObjectIdentifiers.pkcs_9_at_friendlyName, new DERBMPString(name));
    }

    private OutputEncryptor encryptor(Provider provider, char[] passphrase) throws OperatorCreationException {
        return new JcePKCSPBEOutputEncryptorBuilder(new ASN1ObjectIdentifier(cipher))
                .setProvider(provider)
                .setPRF(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE))
                .setIterationCount(iterations)
                .build(passphrase);
    }
}
