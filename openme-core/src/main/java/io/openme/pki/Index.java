package io.openme.pki;

import io.openme.tls.Purpose;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a CA has to remember: the number of its last revocation list, and every certificate that it issued, even where the
 * file of that certificate has been moved away. A text file, so that a person can read it.
 */
record Index(BigInteger crlNumber, List<IssuedCertificate> issued) {
    private static final String FIRST = "openme-ca 1 crl-number ";
    private static final int FIELDS = 5;
    private static final String NONE = "-";

    Index {
        issued = List.copyOf(issued);
    }

    Index with(IssuedCertificate one) {
        List<IssuedCertificate> all = new ArrayList<>(issued);
        all.add(one);
        return new Index(crlNumber, all);
    }

    /** The next one, for the next revocation list. */
    Index next(UnaryOperator<IssuedCertificate> change) {
        return new Index(
                crlNumber.add(BigInteger.ONE), issued.stream().map(change).toList());
    }

    /** What was issued to this name, oldest first. */
    List<IssuedCertificate> of(String name) {
        return issued.stream().filter(each -> each.name().equals(name)).toList();
    }

    byte[] format() {
        StringBuilder text = new StringBuilder(FIRST).append(crlNumber).append('\n');
        for (IssuedCertificate each : issued) {
            text.append(String.join(
                            "\t",
                            each.purpose().map(Purpose::toString).orElse(NONE),
                            each.serial().toString(16),
                            each.notAfter().toString(),
                            each.revoked().map(Instant::toString).orElse(NONE),
                            each.name()))
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException that names the line, if it has another form */
    static Index parse(String text) {
        List<String> lines = text.lines().toList();
        // A file that was cut off would forget whom the CA revoked.
        if (lines.isEmpty() || !lines.get(0).startsWith(FIRST) || !text.endsWith("\n")) {
            throw new IllegalArgumentException("line 1 does not begin with \"" + FIRST + "\", or the end is cut off");
        }
        int line = 1;
        try {
            BigInteger number = new BigInteger(lines.get(0).substring(FIRST.length()));
            List<IssuedCertificate> issued = new ArrayList<>();
            for (String each : lines.subList(1, lines.size())) {
                line++;
                issued.add(parseLine(each.split("\t", -1)));
            }
            return new Index(number, issued);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException("line " + line + " has another form", e);
        }
    }

    private static IssuedCertificate parseLine(String[] fields) {
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("fields");
        }
        Optional<Purpose> purpose = switch (fields[0]) {
            case "clientAuth" -> Optional.of(Purpose.CLIENT);
            case "serverAuth" -> Optional.of(Purpose.SERVER);
            case NONE -> Optional.empty();
            default -> throw new IllegalArgumentException("purpose");
        };
        Optional<Instant> revoked = fields[3].equals(NONE) ? Optional.empty() : Optional.of(Instant.parse(fields[3]));
        return new IssuedCertificate(
                Names.checkLabel(fields[4]), purpose, new BigInteger(fields[1], 16), Instant.parse(fields[2]), revoked);
    }
}
