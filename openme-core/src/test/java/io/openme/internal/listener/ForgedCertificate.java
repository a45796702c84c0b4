package io.openme.internal.listener;

import java.math.BigInteger;
import java.security.Principal;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A certificate that is sent as other bytes than its own: what only a hostile client does. */
final class ForgedCertificate extends X509Certificate {
    private static final long serialVersionUID = 1L;

    private final X509Certificate original;
    private final byte[] encoded;

    ForgedCertificate(X509Certificate original, byte[] encoded) {
        this.original = original;
        this.encoded = encoded.clone();
    }

    @Override
    public byte[] getEncoded() {
        return encoded.clone();
    }

    @Override
    public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
        original.checkValidity();
    }

    @Override
    public void checkValidity(Date date) throws CertificateExpiredException, CertificateNotYetValidException {
        original.checkValidity(date);
    }

    @Override
    public int getVersion() {
        return original.getVersion();
    }

    @Override
    public BigInteger getSerialNumber() {
        return original.getSerialNumber();
    }

    // Old, and yet abstract.
    @SuppressWarnings("deprecation")
    @Override
    public Principal getIssuerDN() {
        return original.getIssuerX500Principal();
    }

    // Old, and yet abstract.
    @SuppressWarnings("deprecation")
    @Override
    public Principal getSubjectDN() {
        return original.getSubjectX500Principal();
    }

    @Override
    public Date getNotBefore() {
        return original.getNotBefore();
    }

    @Override
    public Date getNotAfter() {
        return original.getNotAfter();
    }

    @Override
    public byte[] getTBSCertificate() throws CertificateEncodingException {
        return original.getTBSCertificate();
    }

    @Override
    public byte[] getSignature() {
        return original.getSignature();
    }

    @Override
    public String getSigAlgName() {
        return original.getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
        return original.getSigAlgOID();
    }

    @Override
    public byte @Nullable [] getSigAlgParams() {
        return original.getSigAlgParams();
    }

    @Override
    public boolean @Nullable [] getIssuerUniqueID() {
        return original.getIssuerUniqueID();
    }

    @Override
    public boolean @Nullable [] getSubjectUniqueID() {
        return original.getSubjectUniqueID();
    }

    @Override
    public boolean @Nullable [] getKeyUsage() {
        return original.getKeyUsage();
    }

    @Override
    public int getBasicConstraints() {
        return original.getBasicConstraints();
    }

    @Override
    public void verify(PublicKey key) throws SignatureException {
        throw new SignatureException("forged");
    }

    @Override
    public void verify(PublicKey key, String provider) throws SignatureException {
        throw new SignatureException("forged");
    }

    @Override
    public PublicKey getPublicKey() {
        return original.getPublicKey();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        return original.hasUnsupportedCriticalExtension();
    }

    @Override
    public @Nullable Set<String> getCriticalExtensionOIDs() {
        return original.getCriticalExtensionOIDs();
    }

    @Override
    public @Nullable Set<String> getNonCriticalExtensionOIDs() {
        return original.getNonCriticalExtensionOIDs();
    }

    @Override
    public byte @Nullable [] getExtensionValue(String identifier) {
        return original.getExtensionValue(identifier);
    }

    @Override
    public String toString() {
        return "forged " + original;
    }
}
