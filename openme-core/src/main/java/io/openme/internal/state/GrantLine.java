package io.openme.internal.state;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.x509.X509;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Opening;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A grant as a line: {@code g CERTIFICATES ADDRESS SERVICE OWN-OR-GUEST UNTIL BOOT UNTIL-BY-UPTIME LEFT CHECKSUM}.
 *
 * <p>{@code LEFT} is what was left of the grant when the line was written, all times are milliseconds. The checksum leaves
 * the first byte out, which is overwritten when the line is struck.
 */
final class GrantLine {
    private static final Logger LOG = LoggerFactory.getLogger(GrantLine.class);
    private static final int WORDS = 10;
    private static final int LONGEST_CHAIN = 8 * 1024;
    private static final String GUEST = "guest";
    private static final String OWN = "own";
    /** A host's clock may be a little behind after its start, until it has asked for the time. */
    private static final Duration CLOCK_BEHIND = Duration.ofMinutes(1);

    private GrantLine() {}

    static String write(Grant grant, Instant now, Optional<HostUptime> up) {
        Duration left = Duration.between(now, grant.until());
        String body = "g " + certificates(grant.client()) + " "
                + IpLiteral.format(grant.opening().source()) + " "
                + grant.opening().service() + " "
                + (grant.guest() ? GUEST : OWN) + " "
                + grant.until().toEpochMilli() + " "
                + up.map(HostUptime::boot).orElse("-") + " "
                + up.map(u -> u.uptime().plus(left).toMillis()).orElse(0L) + " "
                + left.toMillis() + " ";
        return body + checksum(body) + "\n";
    }

    /** Reads the lines of one run. */
    static final class Reader {
        private final Instant now;
        private final Optional<HostUptime> up;
        private final Map<String, Client> clients = new HashMap<>();

        Reader(Instant now, Optional<HostUptime> up) {
            this.now = now;
            this.up = up;
        }

        /**
         * The grant of this line, which may have ended.
         *
         * @param line without its end
         * @return empty if it is struck, was not written whole, or its end can't be told any more
         */
        Optional<Grant> read(String line) {
            String[] words = line.split(" ", -1);
            if (words.length != WORDS
                    || !words[0].equals("g")
                    || !checksum(line.substring(0, line.length() - words[WORDS - 1].length()))
                            .equals(words[WORDS - 1])) {
                return Optional.empty();
            }
            try {
                Client client = clients.computeIfAbsent(words[1], GrantLine::client);
                Opening opening = new Opening(IpLiteral.parse(words[2]).orElseThrow(), words[3]);
                boolean guest = words[4].equals(GUEST);
                return until(words).map(until -> new Grant(client, opening, until, guest));
            } catch (RuntimeException e) {
                LOG.warn("A grant of an earlier run can't be read and is dropped: {}", e.toString());
                return Optional.empty();
            }
        }

        /** Never later than what was left when it was written, counted from now. */
        private Optional<Instant> until(String[] words) {
            Duration left = millis(words[8]);
            if (up.isPresent() && up.get().boot().equals(words[6])) {
                Duration rest = millis(words[7]).minus(up.get().uptime());
                // In a container that was started anew the uptime may begin anew, too, and then says nothing.
                if (rest.compareTo(left) <= 0) {
                    return Optional.of(now.plus(rest));
                }
            }
            Instant until = Instant.ofEpochMilli(Long.parseLong(words[5]));
            if (now.plus(CLOCK_BEHIND).isBefore(until.minus(left))) {
                LOG.warn("The clock is behind what it was when a grant was written; the grant is dropped");
                return Optional.empty();
            }
            Instant atMost = now.plus(left);
            return Optional.of(until.isBefore(atMost) ? until : atMost);
        }
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.substring(1).getBytes(StandardCharsets.US_ASCII));
        return Long.toHexString(crc.getValue());
    }

    /**
     * With those of CAs between it and a trusted one: without them it could not be verified again. But a client chooses what
     * it sends along; of one that sends that much, a restart closes the grants.
     */
    private static String certificates(Client client) {
        String all = client.chain().stream().map(GrantLine::base64).collect(Collectors.joining(","));
        return all.length() <= LONGEST_CHAIN ? all : base64(client.certificate());
    }

    private static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("the certificate was decoded before", e);
        }
    }

    private static Client client(String text) {
        return Client.of(
                Arrays.stream(text.split(",", -1)).map(GrantLine::certificate).toList());
    }

    private static X509Certificate certificate(String base64) {
        try {
            return X509.certificate(Base64.getDecoder().decode(base64));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("the certificate can't be read", e);
        }
    }
}
