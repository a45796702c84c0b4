package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    @Test
    void takesTheWordsOfTheTrustManagerFromWithinTheFailure() {
        SSLHandshakeException failure = new SSLHandshakeException("outer");
        failure.initCause(new IllegalStateException(new CertificateException("it has expired")));

        assertThat(Reasons.of(failure)).isEqualTo("certificate refused: it has expired");
    }

    @Test
    void letsNothingThroughThatALogCouldNotBear() {
        String reason =
                Reasons.of(new CertificateException("CN=a\r\nINFO all is well\u001b[2J\u202e" + "x".repeat(999)));

        assertThat(reason).hasSize(200).startsWith("certificate refused: CN=a??INFO all is well?[2J?xxx");
    }

    @Test
    void hasWordsForAFailureWithout() {
        assertThat(Reasons.of(new CertificateException())).isEqualTo("certificate refused: CertificateException");
        assertThat(Reasons.of(new SSLHandshakeException(null)))
                .isEqualTo("TLS handshake failed: SSLHandshakeException");
    }
}
