package io.openme.internal.tls;

import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Denies the key agreements by which a stranger makes us work: one ffdhe8192 exchange costs 22 ms, P-521 several, and a
 * ClientHello is all it takes. X25519 and P-256 remain. Keys in certificates are not touched: a CA vouched for those
 * before we calculate with them.
 */
final class CheapAlgorithms implements AlgorithmConstraints {
    private static final Set<String> DENIED = Set.of("diffiehellman", "dh", "x448", "secp384r1", "secp521r1");

    @Override
    public boolean permits(
            Set<CryptoPrimitive> primitives, String algorithm, @Nullable AlgorithmParameters parameters) {
        if (!primitives.contains(CryptoPrimitive.KEY_AGREEMENT)) {
            return true;
        }
        String name = algorithm.toLowerCase(Locale.ROOT);
        return !DENIED.contains(name) && !name.startsWith("ffdhe") && !name.startsWith("dh");
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
        return true;
    }

    @Override
    public boolean permits(
            Set<CryptoPrimitive> primitives, String algorithm, Key key, @Nullable AlgorithmParameters parameters) {
        return permits(primitives, algorithm, parameters);
    }
}
