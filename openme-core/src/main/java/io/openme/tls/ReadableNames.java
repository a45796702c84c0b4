package io.openme.tls;

import io.openme.tls.UntrustedException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * Refuses a certificate of which not every name can be read: a rule that keeps somebody out by a name would not find it.
 *
 * <p>The JDK skips an extension that it can't read, with all the names in it, unless it is critical.
 */
final class ReadableNames {
    private static final int IPV4 = 4;
    private static final int IPV6 = 16;

    private ReadableNames() {}

    static void check(X509Certificate certificate) throws UntrustedException {
        try {
            // Bouncy Castle refuses a second extension of the same kind, of which the JDK may skip one.
            Certificate encoded = Certificate.getInstance(certificate.getEncoded());
            subject(encoded.getSubject());
            if (encoded.getTBSCertificate().getExtensions() != null
                    && encoded.getTBSCertificate().getExtensions().getExtension(Extension.subjectAlternativeName)
                            != null) {
                alternatives(certificate, encoded);
            }
        } catch (CertificateException | RuntimeException e) {
            throw new UntrustedException(
                    Reason.MALFORMED,
                    "not every name in the certificate of " + Peer.nameOf(certificate)
                            + " can be read; issue a new one without those that break the rules of X.509",
                    e);
        }
    }

    private static void subject(X500Name subject) throws CertificateException {
        for (RDN names : subject.getRDNs()) {
            for (AttributeTypeAndValue each : names.getTypesAndValues()) {
                if (each.getValue() instanceof ASN1String text) {
                    // Throws at bytes that are no UTF-8.
                    text.getString();
                } else if (each.getType().equals(BCStyle.CN)) {
                    throw new CertificateException("a common name that is no text");
                }
            }
        }
    }

    private static void alternatives(X509Certificate certificate, Certificate encoded) throws CertificateException {
        if (certificate.getSubjectAlternativeNames() == null) {
            throw new CertificateException("the JDK can't read the alternative names");
        }
        ASN1Encodable names =
                encoded.getTBSCertificate().getExtensions().getExtensionParsedValue(Extension.subjectAlternativeName);
        for (GeneralName each : GeneralNames.getInstance(names).getNames()) {
            if (each.getTagNo() == GeneralName.iPAddress) {
                int length = ASN1OctetString.getInstance(each.getName()).getOctets().length;
                if (length != IPV4 && length != IPV6) {
                    throw new CertificateException("an address of " + length + " bytes");
                }
            }
        }
    }
}
