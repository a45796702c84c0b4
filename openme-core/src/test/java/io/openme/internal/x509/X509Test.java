package io.openme.internal.x509;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import org.junit.jupiter.api.Test;

class X509Test {
    @Test
    void whatIsNestedDeeplyIsNoCertificateAndNoList() {
        assertThatThrownBy(() -> X509.certificate(Nested.sequences())).isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> X509.revocationList(Nested.sequences())).isInstanceOf(CRLException.class);
    }

    @Test
    void nothingIsNone() {
        assertThatThrownBy(() -> X509.certificate(new byte[0])).isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> X509.revocationList(new byte[0])).isInstanceOf(CRLException.class);
    }
}
