package io.openme.internal.tls;

import io.openme.tls.Identity;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the one identity that there is.
 *
 * <p>The JDK's key manager decrypts its key for every handshake, which doubles what a knock costs, and keeps the
 * certificate back when the peer lists other CAs: then a refusal looks like a missing certificate.
 */
final class OneKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "openme";

    private final Identity identity;
    private final String keyType;

    OneKeyManager(Identity identity) {
        this.identity = identity;
        this.keyType = identity.privateKey().getAlgorithm();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(type);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(types);
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(type);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(types);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        return aliases(type);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return aliases(type);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return alias.equals(ALIAS) ? identity.chain().toArray(X509Certificate[]::new) : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return alias.equals(ALIAS) ? identity.privateKey() : null;
    }

    private @Nullable String choose(String... types) {
        return Arrays.asList(types).contains(keyType) ? ALIAS : null;
    }

    private String @Nullable [] aliases(String type) {
        return type.equals(keyType) ? new String[] {ALIAS} : null;
    }
}
