package io.openme.policy;

import io.openme.doorman.Client;
import io.openme.internal.text.Nearest;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * Says of a client whether it is one of those meant. Immutable, and safe for any thread.
 *
 * <p>Only {@link Kind#FINGERPRINT} tells every two clients apart, and {@link Kind#SERIAL} as long as no two CAs have the same
 * name. Everything else is a name: it trusts the CA to give it to nobody else. In a name each {@code *} stands for any
 * characters, dots included, or for none; nothing else is special. Matching takes time that grows with the length of the
 * name only, and no certificate makes it throw.
 */
public final class ClientPattern {
    private static final int LONGEST = 512;
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{1,64}");
    private static final Pattern ASCII = Pattern.compile("[!-~]+");

    private final Kind kind;
    private final String value;
    private final Function<Client, Match> match;

    private ClientPattern(Kind kind, String value, Function<Client, Match> match) {
        this.kind = kind;
        this.value = value;
        this.match = match;
    }

    /** What a pattern looks at. */
    public enum Kind {
        /** Nothing: every client matches. */
        ANY,
        /** The certificate itself: the SHA-256 digest of it. */
        FINGERPRINT,
        /** The issuer and the serial number of the certificate. */
        SERIAL,
        /** The common name in the subject, letter by letter. */
        CN,
        /** The alternative names of a host; upper and lower case are one. */
        DNS,
        /** The alternative names for e-mail; upper and lower case are one after the {@code @}, and two before it. */
        EMAIL,
        /** The alternative names that are URIs, letter by letter. */
        URI,
        /** The alternative names that are IP addresses: what the CA says, not where the client comes from. */
        IP;

        /** The word in a pattern's text. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether a client is meant. */
    public enum Match {
        /** It is. */
        YES,
        /** It is not. */
        NO,
        /** Its certificate has several common names, and only some of them fit. */
        UNCERTAIN
    }

    /** Every client. */
    public static ClientPattern any() {
        return new ClientPattern(Kind.ANY, "", client -> Match.YES);
    }

    /**
     * Reads {@code any}, {@code fingerprint=3f2a...}, {@code serial=CN=My CA/1a2b}, {@code cn=alice},
     * {@code dns=*.example.org}, {@code email=*@example.org}, {@code uri=spiffe://example.org/*} or
     * {@code ip=203.0.113.0/24}.
     *
     * <p>A fingerprint is 64 hexadecimal digits, with colons or without. What is before the last {@code /} of a serial is the
     * issuer's name as RFC 2253 writes it, after it is the number in hexadecimal digits.
     *
     * @param text up to 512 characters
     * @throws IllegalArgumentException if it is anything else, with a message for a person
     */
    public static ClientPattern parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a pattern of " + text.length() + " characters is too long; it takes up to " + LONGEST);
        }
        if (text.equals(Kind.ANY.word())) {
            return any();
        }
        int equals = text.indexOf('=');
        String word = equals < 0 ? text : text.substring(0, equals);
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> unknown(text, word));
        String value = text.substring(equals + 1);
        if (equals < 0 || kind == Kind.ANY || value.isEmpty() || !value.equals(value.strip())) {
            throw new IllegalArgumentException("\"" + text + "\" is no pattern; write any, or " + example(kind)
                    + " without blanks around the value");
        }
        return switch (kind) {
            case ANY -> any();
            case FINGERPRINT -> fingerprint(value);
            case SERIAL -> serial(value);
            case CN -> commonName(value);
            case DNS -> dns(value);
            case EMAIL -> email(value);
            case URI -> uri(value);
            case IP -> address(value);
        };
    }

    /** Whether it means this client. */
    public Match match(Client client) {
        return match.apply(client);
    }

    /** What it looks at. */
    public Kind kind() {
        return kind;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientPattern pattern && toString().equals(pattern.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** The text that {@link #parse} reads back. */
    @Override
    public String toString() {
        return kind == Kind.ANY ? kind.word() : kind.word() + "=" + value;
    }

    private static ClientPattern fingerprint(String text) {
        String digits = digits(text, FINGERPRINT)
                .orElseThrow(
                        () -> new IllegalArgumentException(
                                "\"" + text + "\" is no fingerprint; it is the SHA-256 of"
                                        + " a certificate, 64 hexadecimal digits, as openssl x509 -noout -fingerprint -sha256 prints it"));
        return new ClientPattern(Kind.FINGERPRINT, digits, client -> of(digits.equals(client.fingerprint())));
    }

    private static ClientPattern serial(String text) {
        int slash = text.lastIndexOf('/');
        String number = digits(text.substring(slash + 1), SERIAL)
                .filter(digits -> slash > 0)
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is no serial number with its issuer;"
                        + " write " + example(Kind.SERIAL) + ", the number in hexadecimal digits"));
        BigInteger serial = new BigInteger(number, 16);
        X500Principal issuer = issuer(text.substring(0, slash));
        return new ClientPattern(Kind.SERIAL, issuer.getName() + "/" + serial.toString(16), client -> {
            X509Certificate certificate = client.certificate();
            return of(certificate.getSerialNumber().equals(serial)
                    && certificate.getIssuerX500Principal().equals(issuer));
        });
    }

    private static X500Principal issuer(String name) {
        try {
            return new X500Principal(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no issuer; write it as openssl x509 -noout -issuer -nameopt RFC2253 prints it,"
                            + " such as CN=My CA,O=Example",
                    e);
        }
    }

    /** Where a certificate has several, it is nobody's guess which of them its holder goes by. */
    private static ClientPattern commonName(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a pattern for a common name has a control character in it; take it out");
        }
        Glob glob = new Glob(text);
        return new ClientPattern(Kind.CN, text, client -> {
            List<Optional<String>> names = CertificateNames.commonNames(client.certificate());
            long fitting = names.stream()
                    .filter(name -> name.filter(glob::matches).isPresent())
                    .count();
            if (fitting == 0) {
                return Match.NO;
            }
            return fitting == names.size() ? Match.YES : Match.UNCERTAIN;
        });
    }

    private static ClientPattern dns(String text) {
        requireAscii(text, Kind.DNS);
        String lower = lower(text);
        Glob glob = new Glob(lower);
        return new ClientPattern(
                Kind.DNS, lower, client -> anyOf(client, GeneralName.dNSName, name -> glob.matches(lower(name))));
    }

    private static ClientPattern email(String text) {
        requireAscii(text, Kind.EMAIL);
        int at = text.lastIndexOf('@');
        if (at < 1 || at == text.length() - 1) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no e-mail address; write " + example(Kind.EMAIL) + " for all of a domain");
        }
        String domain = lower(text.substring(at + 1));
        Glob before = new Glob(text.substring(0, at));
        Glob after = new Glob(domain);
        return new ClientPattern(
                Kind.EMAIL,
                before + "@" + domain,
                client -> anyOf(client, GeneralName.rfc822Name, name -> {
                    int split = name.lastIndexOf('@');
                    return split >= 0
                            && before.matches(name.substring(0, split))
                            && after.matches(lower(name.substring(split + 1)));
                }));
    }

    private static ClientPattern uri(String text) {
        requireAscii(text, Kind.URI);
        Glob glob = new Glob(text);
        return new ClientPattern(
                Kind.URI, text, client -> anyOf(client, GeneralName.uniformResourceIdentifier, glob::matches));
    }

    private static ClientPattern address(String text) {
        Network network = Network.parse(text);
        return new ClientPattern(Kind.IP, network.toString(), client -> {
            List<InetAddress> addresses = CertificateNames.addresses(client.certificate());
            return of(addresses.stream().anyMatch(network::contains));
        });
    }

    private static Match anyOf(Client client, int kind, Function<String, Boolean> fits) {
        return of(CertificateNames.alternatives(client.certificate(), kind).stream()
                .anyMatch(fits::apply));
    }

    private static Match of(boolean yes) {
        return yes ? Match.YES : Match.NO;
    }

    private static Optional<String> digits(String text, Pattern form) {
        return Optional.of(lower(text.replace(":", "")))
                .filter(digits -> form.matcher(digits).matches());
    }

    /** Of ASCII only: other letters have lower forms that are ASCII. */
    private static String lower(String text) {
        return text.chars()
                .mapToObj(c -> Character.toString(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c))
                .collect(Collectors.joining());
    }

    private static void requireAscii(String text, Kind kind) {
        if (!ASCII.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" can't be in a certificate as " + kind.word()
                    + "; write it in ASCII without blanks, a name of a host in its form xn--");
        }
    }

    private static IllegalArgumentException unknown(String text, String word) {
        List<String> known = Arrays.stream(Kind.values()).map(Kind::word).toList();
        return new IllegalArgumentException("\"" + text + "\" is no pattern of a client"
                + Nearest.to(word, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; write any, "
                                + Arrays.stream(Kind.values())
                                        .filter(each -> each != Kind.ANY)
                                        .map(ClientPattern::example)
                                        .collect(Collectors.joining(", "))));
    }

    private static String example(Kind kind) {
        return switch (kind) {
            case ANY -> "cn=alice";
            case FINGERPRINT -> "fingerprint=3f2a...";
            case SERIAL -> "serial=CN=My CA/1a2b";
            case CN -> "cn=alice";
            case DNS -> "dns=*.example.org";
            case EMAIL -> "email=*@example.org";
            case URI -> "uri=spiffe://example.org/*";
            case IP -> "ip=203.0.113.0/24";
        };
    }
}
