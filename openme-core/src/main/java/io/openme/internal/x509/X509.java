package io.openme.internal.x509;

import java.io.ByteArrayInputStream;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;

/**
 * Reads certificates and revocation lists as the JDK does, with an exception for whatever is none: JDK 17 follows one that is
 * nested as deep as it goes, until the stack is full.
 */
public final class X509 {
    private static final String TOO_DEEP = "it is nested too deeply";

    private X509() {}

    /**
     * The first certificate of this.
     *
     * @param encoded DER, or PEM with any text around it
     */
    public static X509Certificate certificate(byte[] encoded) throws CertificateException {
        try {
            return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(encoded));
        } catch (RuntimeException e) {
            throw new CertificateException(e);
        } catch (StackOverflowError e) {
            throw new CertificateException(TOO_DEEP, e);
        }
    }

    /**
     * The first revocation list of this.
     *
     * @param encoded DER, or PEM with any text around it
     */
    public static X509CRL revocationList(byte[] encoded) throws CRLException {
        try {
            return (X509CRL) factory().generateCRL(new ByteArrayInputStream(encoded));
        } catch (CertificateException | RuntimeException e) {
            throw new CRLException(e);
        } catch (StackOverflowError e) {
            throw new CRLException(TOO_DEEP, e);
        }
    }

    private static CertificateFactory factory() throws CertificateException {
        return CertificateFactory.getInstance("X.509");
    }
}
