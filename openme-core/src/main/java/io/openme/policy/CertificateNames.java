package io.openme.policy;

import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * The names in a certificate. Nothing that a CA puts into one makes this throw: what can't be read is no name. Whoever was
 * verified has none such; a rule that refuses by name would not find it.
 */
final class CertificateNames {
    private CertificateNames() {}

    /** The common names in their order; one that can't be read is there, but empty. */
    static List<Optional<String>> commonNames(X509Certificate certificate) {
        try {
            X500Name subject =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            return Arrays.stream(subject.getRDNs())
                    .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                    .filter(each -> each.getType().equals(BCStyle.CN))
                    .map(each -> text(each.getValue()))
                    .toList();
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    /** The alternative names of a kind, as {@link GeneralName} numbers them. */
    static List<String> alternatives(X509Certificate certificate, int kind) {
        return all(certificate)
                .filter(each -> Objects.equals(each.get(0), kind))
                .map(each -> each.get(1))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    static List<InetAddress> addresses(X509Certificate certificate) {
        return alternatives(certificate, GeneralName.iPAddress).stream()
                .map(IpLiteral::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Stream<List<?>> all(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? Stream.empty() : names.stream();
        } catch (CertificateParsingException | RuntimeException e) {
            return Stream.empty();
        }
    }

    private static Optional<String> text(ASN1Encodable value) {
        try {
            return value instanceof ASN1String string ? Optional.of(string.getString()) : Optional.empty();
        } catch (RuntimeException e) {
            // Bytes that are no UTF-8.
            return Optional.empty();
        }
    }
}
