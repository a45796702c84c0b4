package io.openme.pki;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of {@code index.txt}, as {@code openssl ca} writes it for easy-rsa. */
record EasyRsaIndexLine(BigInteger serial, String subject, Instant notAfter, Optional<Instant> revoked) {
    /** Status, end, revocation and reason, serial number, file, subject. */
    private static final int FIELDS = 6;

    private static final Pattern DATE = Pattern.compile("(\\d{2}|\\d{4})(\\d{2})(\\d{2})(\\d{2})(\\d{2})(\\d{2})Z");

    /** Up to the next attribute: OpenSSL does not escape a slash. */
    private static final Pattern COMMON_NAME = Pattern.compile("/CN=(.*?)(?=/[A-Za-z][A-Za-z0-9.]*=|$)");

    private static final Pattern BYTE = Pattern.compile("\\\\x([0-9A-Fa-f]{2})");

    /** @throws IllegalArgumentException if it has another form */
    static EasyRsaIndexLine parse(String line) {
        String[] fields = line.split("\t", FIELDS);
        if (fields.length != FIELDS || !fields[0].matches("[VRE]")) {
            throw new IllegalArgumentException("fields");
        }
        // Whatever else is wrong with the line, a date of revocation is taken at its word.
        boolean revoked = fields[0].equals("R") || !fields[2].isEmpty();
        return new EasyRsaIndexLine(
                new BigInteger(fields[3], 16),
                fields[5],
                date(fields[1]),
                revoked ? Optional.of(date(fields[2].split(",", 2)[0])) : Optional.empty());
    }

    /** The common name; the whole subject if there is none. */
    String commonName() {
        Matcher matcher = COMMON_NAME.matcher(subject);
        return unescape(matcher.find() ? matcher.group(1) : subject);
    }

    /** Two digits of a year are those of ASN.1's UTCTime. */
    private static Instant date(String text) {
        Matcher matcher = DATE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("date");
        }
        int[] part = new int[matcher.groupCount()];
        for (int i = 0; i < part.length; i++) {
            part[i] = Integer.parseInt(matcher.group(i + 1));
        }
        int century = matcher.group(1).length() > 2 ? 0 : part[0] < 50 ? 2000 : 1900;
        try {
            return LocalDateTime.of(century + part[0], part[1], part[2], part[3], part[4], part[5])
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("date", e);
        }
    }

    /** Each byte that is no printable ASCII is written as four characters. */
    private static String unescape(String text) {
        String bytes = BYTE.matcher(text)
                .replaceAll(
                        each -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(each.group(1), 16))));
        return bytes.chars().allMatch(each -> each < 256)
                ? new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                : text;
    }
}
