package io.openme.pki;

import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
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
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
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

    /**
     * The certificate of a CA anew: the same name, key and extensions, so all that it issued stays good, with other dates.
     * Only what strict checks want of a CA is mended.
     */
    static X509Certificate renewedRoot(Identity ca, Validity validity) {
        try {
            X509CertificateHolder old = new JcaX509CertificateHolder(ca.certificate());
            AuthorityKeyIdentifier issuer = AuthorityKeyIdentifier.fromExtensions(old.getExtensions());
            // Whatever easy-rsa issued names its CA by the serial number, too, and would not be of one that has
            // another.
            boolean named = issuer != null && issuer.getAuthorityCertSerialNumber() != null;
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    old.getIssuer(),
                    named ? old.getSerialNumber() : newSerial(),
                    Date.from(validity.from()),
                    Date.from(validity.to()),
                    old.getSubject(),
                    old.getSubjectPublicKeyInfo());
            for (ASN1ObjectIdentifier each : old.getExtensions().getExtensionOIDs()) {
                Extension extension = old.getExtension(each);
                boolean critical = extension.isCritical()
                        || each.equals(Extension.basicConstraints)
                        || each.equals(Extension.keyUsage);
                builder.addExtension(each, critical, extension.getParsedValue());
            }
            if (old.getExtension(Extension.keyUsage) == null) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            }
            if (old.getExtension(Extension.subjectKeyIdentifier) == null) {
                builder.addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils()
                                .createSubjectKeyIdentifier(ca.certificate().getPublicKey()));
            }
            return sign(builder, ca.privateKey());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new CaException("can't renew the certificate of the CA", e);
        }
    }

    /**
     * Whom a certificate is for.
     *
     * @param alternatives the extension with the subject's other names
     */
    record Holder(X500Name subject, Purpose purpose, Optional<Extension> alternatives) {
        static Holder of(String name, Purpose purpose, List<GeneralName> alternatives) {
            try {
                GeneralNames names = new GeneralNames(alternatives.toArray(GeneralName[]::new));
                return new Holder(
                        commonName(name),
                        purpose,
                        alternatives.isEmpty()
                                ? Optional.empty()
                                : Optional.of(Extension.create(Extension.subjectAlternativeName, false, names)));
            } catch (IOException e) {
                throw new IllegalStateException("memory has no errors", e);
            }
        }

        /** The same as of this certificate. */
        static Holder of(X509Certificate certificate, Purpose purpose) {
            try {
                X509CertificateHolder old = new JcaX509CertificateHolder(certificate);
                return new Holder(
                        old.getSubject(),
                        purpose,
                        Optional.ofNullable(old.getExtension(Extension.subjectAlternativeName)));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("it was decoded before", e);
            }
        }
    }

    static X509Certificate leaf(Identity ca, Holder holder, PublicKey key, Validity validity) {
        try {
            X509v3CertificateBuilder builder = builder(subjectOf(ca), validity, holder.subject(), key);
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            KeyPurposeId usage = KeyPurposeId.getInstance(
                    new ASN1ObjectIdentifier(holder.purpose().identifier()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usage));
            builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
            builder.addExtension(Extension.authorityKeyIdentifier, false, authority(ca, utils));
            if (holder.alternatives().isPresent()) {
                builder.addExtension(holder.alternatives().get());
            }
            return sign(builder, ca.privateKey());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new CaException("can't make a certificate for " + holder.subject(), e);
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
        return new JcaX509v3CertificateBuilder(
                issuer, newSerial(), Date.from(validity.from()), Date.from(validity.to()), subject, key);
    }

    /** The top bit keeps every serial number as long as the others, and positive. */
    private static BigInteger newSerial() {
        return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
    }

    private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "EdDSA" -> ((EdECKey) key).getParams().getName();
            default -> key.getAlgorithm();
        };
        return new JcaContentSignerBuilder(algorithm).build(key);
    }

    /** The key alone: with issuer and serial number in it, a CA could not be renewed. */
    private static AuthorityKeyIdentifier authority(Identity ca, JcaX509ExtensionUtils utils)
            throws CertificateEncodingException {
        SubjectKeyIdentifier own =
                SubjectKeyIdentifier.fromExtensions(new JcaX509CertificateHolder(ca.certificate()).getExtensions());
        return own == null
                ? utils.createAuthorityKeyIdentifier(ca.certificate().getPublicKey())
                : new AuthorityKeyIdentifier(own.getKeyIdentifier());
    }

    private static X500Name subjectOf(Identity ca) {
        return X500Name.getInstance(ca.certificate().getSubjectX500Principal().getEncoded());
    }

    private static X500Name commonName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }
}
