package io.openme.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;

/** A revocation list before it is issued: empty, a day old, with a week to go. Each method changes one thing. */
public final class TestCrl {
    private final TestCa ca;
    private final Set<BigInteger> serials = new LinkedHashSet<>();
    private Instant thisUpdate;
    private Instant nextUpdate;
    private long number = 1;

    TestCrl(TestCa ca) {
        this.ca = ca;
        this.thisUpdate = ca.now().minus(Duration.ofDays(1));
        this.nextUpdate = ca.now().plus(Duration.ofDays(7));
    }

    /** This certificate is on it. */
    public TestCrl revoke(TestCertificate issued) {
        return revoke(issued.certificate().getSerialNumber());
    }

    /** The certificate with this serial number is on it. */
    public TestCrl revoke(BigInteger serial) {
        serials.add(serial);
        return this;
    }

    /** It was made then, and promises another one until then. */
    public TestCrl valid(Instant from, Instant to) {
        this.thisUpdate = from;
        this.nextUpdate = to;
        return this;
    }

    /** Its CRL number; 1 if not set. */
    public TestCrl number(long crlNumber) {
        this.number = crlNumber;
        return this;
    }

    /** It has no CRL number, as those of easy-rsa. */
    public TestCrl unnumbered() {
        return number(0);
    }

    /** The signed list in DER. */
    public byte[] der() {
        try {
            X509v2CRLBuilder builder =
                    new JcaX509v2CRLBuilder(ca.certificate().getSubjectX500Principal(), Date.from(thisUpdate));
            builder.setNextUpdate(Date.from(nextUpdate));
            if (number > 0) {
                builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
            }
            for (BigInteger serial : serials) {
                builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise);
            }
            return builder.build(ca.signer()).getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The signed list in PEM. */
    public String pem() {
        return Pem.of("X509 CRL", der());
    }

    /** Writes {@code crl.pem} there and returns its path. */
    public Path writeTo(Path directory) {
        try {
            return Files.writeString(directory.resolve("crl.pem"), pem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
