package io.openme.pki;

import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What stands in the certificates and revocation lists of a CA; RFC 5280, as {@code openssl verify -x509_strict} has it. */
final class Profile {
    private static final int SERIAL_BITS = 127;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Profile() {}

    /** From when to when something is good. */
    record Validity(Instant from, Instant to) {
        /** For clocks that are behind. */
        private static final Duration BACKDATED = Duration.ofHours(1);

        static Validity of(Instant now, Duration lifetime) {
            return new Validity(now.minus(BACKDATED), now.plus(lifetime));
        }
    }

    static X509Certificate root(String name, PublicKey key, PrivateKey signer, Validity validity) {
        X500Name subject = commonName(name);
        try {
            X509v3CertificateBuilder builder = builder(subject, validity, subject, key);
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
            return sign(builder, signer);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new CaException("can't make the certificate of the CA " + name, e);
        }
    }

    static X509Certificate leaf(
            Identity ca,
            String name,
            Purpose purpose,
            List<GeneralName> alternatives,
            PublicKey key,
            Validity validity) {
        try {
            X509v3CertificateBuilder builder = builder(subjectOf(ca), validity, commonName(name), key);
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            KeyPurposeId usage = KeyPurposeId.getInstance(new ASN1ObjectIdentifier(purpose.identifier()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usage));
            builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
            builder.addExtension(Extension.authorityKeyIdentifier, false, authority(ca, utils));
            if (!alternatives.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(alternatives.toArray(GeneralName[]::new)));
            }
            return sign(builder, ca.privateKey());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new CaException("can't make a certificate for " + name, e);
        }
    }

    static byte[] revocationList(
            Identity ca, Collection<IssuedCertificate> issued, BigInteger number, Validity validity) {
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(subjectOf(ca), Date.from(validity.from()));
            builder.setNextUpdate(Date.from(validity.to()));
            builder.addExtension(Extension.authorityKeyIdentifier, false, authority(ca, new JcaX509ExtensionUtils()));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
            for (IssuedCertificate each : issued) {
                each.revoked()
                        .ifPresent(
                                since -> builder.addCRLEntry(each.serial(), Date.from(since), CRLReason.unspecified));
            }
            return builder.build(signer(ca.privateKey())).getEncoded();
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new CaException("can't make the revocation list", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, Validity validity, X500Name subject, PublicKey key) {
        // The top bit keeps every serial number as long as the others, and positive.
        BigInteger serial = new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS);
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(validity.from()), Date.from(validity.to()), subject, key);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
    }

    private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        return new JcaContentSignerBuilder(algorithm).build(key);
    }

    /** The key alone: with issuer and serial number in it, a CA could not be renewed. */
    private static AuthorityKeyIdentifier authority(Identity ca, JcaX509ExtensionUtils utils) {
        return utils.createAuthorityKeyIdentifier(ca.certificate().getPublicKey());
    }

    private static X500Name subjectOf(Identity ca) {
        return X500Name.getInstance(ca.certificate().getSubjectX500Principal().getEncoded());
    }

    private static X500Name commonName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }
}
