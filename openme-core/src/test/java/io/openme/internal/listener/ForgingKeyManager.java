package io.openme.internal.listener;

import io.openme.testkit.TestCertificate;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows a {@link ForgedCertificate}, whatever it is asked for. */
final class ForgingKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "forged";

    private final TestCertificate original;
    private final byte[] encoded;

    ForgingKeyManager(TestCertificate original, byte[] encoded) {
        this.original = original;
        this.encoded = encoded.clone();
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return new X509Certificate[] {new ForgedCertificate(original.certificate(), encoded)};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return original.key();
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
