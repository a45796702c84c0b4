package io.openme.internal.tls;

import io.openme.tls.Identity;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** What both sides set the same way. */
final class Jsse {
    /** Forward secret and authenticated: all of TLS 1.3, and these of TLS 1.2. */
    private static final Pattern SUITES =
            Pattern.compile("TLS_(AES|CHACHA20|ECDHE_(ECDSA|RSA)_WITH_(AES_\\d+_GCM|CHACHA20)).*");

    private Jsse() {}

    static SSLContext context(Identity identity, PeerCheck check) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKeyManager(identity)}, new TrustManager[] {check}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    static SSLParameters parameters(SSLContext context, boolean allowTls12) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setProtocols(allowTls12 ? new String[] {"TLSv1.3", "TLSv1.2"} : new String[] {"TLSv1.3"});
        parameters.setCipherSuites(Arrays.stream(parameters.getCipherSuites())
                .filter(suite -> SUITES.matcher(suite).matches())
                .toArray(String[]::new));
        parameters.setAlgorithmConstraints(new CheapAlgorithms());
        return parameters;
    }
}
