package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.TestCa;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class PeerTest {
    private static final TestCa CA = TestCa.create();

    @Test
    void isNamedByItsCommonName() {
        assertThat(Peer.of(CA.client("alice").issue().certificate()).name()).isEqualTo("alice");
    }

    @Test
    void hasAPrintableNameEvenIfItsCommonNameIsNoUtf8() throws CertificateException {
        byte[] der = CA.client("alice").issue().certificate().getEncoded();
        int name = new String(der, StandardCharsets.ISO_8859_1).indexOf("alice");
        der[name] = (byte) 0xc3; // begins a character of two bytes, and no second one follows
        X509Certificate damaged = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));

        assertThat(Peer.of(damaged).name()).contains("lice").matches("[\\x20-\\x7e]+");
    }
}
