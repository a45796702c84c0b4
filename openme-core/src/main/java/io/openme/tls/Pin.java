package io.openme.tls;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names one key: the SHA-256 of a certificate's public key with its algorithm (SubjectPublicKeyInfo). It stays the same
 * when the certificate is renewed with the key that it has. It is no secret.
 *
 * @param sha256 64 lower-case hexadecimal digits
 */
public record Pin(String sha256) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final int LENGTH = 32;
    private static final String PREFIX = "sha256/";

    /** Refuses what is no SHA-256. */
    public Pin {
        if (!HEX.matcher(sha256).matches()) {
            throw new IllegalArgumentException("a pin has 64 lower-case hexadecimal digits");
        }
    }

    /** The pin of this certificate's key. */
    public static Pin of(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
            return new Pin(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * The pin of the first certificate in a PEM file.
     *
     * @throws CredentialException if it can't be read, or holds none
     */
    public static Pin ofPem(Path file) {
        return of(PemFile.read(file, "a certificate").certificates().get(0));
    }

    /**
     * Reads a pin: {@code sha256/} and Base64, as {@link #toString} writes it ({@code sha256//}, as curl writes it, will
     * do), or 64 hexadecimal digits, with or without colons between the bytes.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Pin parse(String text) {
        String hex = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (HEX.matcher(hex).matches()) {
            return new Pin(hex);
        }
        if (text.startsWith(PREFIX)) {
            // A slash is a Base64 digit, too: only the length tells whether one more belongs to the prefix.
            String base64 = text.substring(PREFIX.length());
            Optional<Pin> pin = ofBase64(base64);
            if (pin.isEmpty() && base64.startsWith("/")) {
                pin = ofBase64(base64.substring(1));
            }
            if (pin.isPresent()) {
                return pin.get();
            }
        }
        throw new IllegalArgumentException(
                "\"" + Peer.printable(text) + "\" is no pin; a pin is sha256/ and the Base64 of"
                        + " 32 bytes, or 64 hexadecimal digits. On the server, openme pin CERTIFICATE prints it");
    }

    private static Optional<Pin> ofBase64(String text) {
        try {
            byte[] digest = Base64.getDecoder().decode(text);
            return digest.length == LENGTH ? Optional.of(new Pin(HexFormat.of().formatHex(digest))) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** {@code sha256/} and Base64: what {@link #parse} reads. */
    @Override
    public String toString() {
        return PREFIX + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256));
    }
}
