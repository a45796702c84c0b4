package io.openme.pki;

import io.openme.tls.Purpose;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a CA remembers of a certificate that it issued.
 *
 * @param name whom it was issued to. Of one that easy-rsa issued it may hold more than other names do, such as spaces,
 *     but no control characters
 * @param purpose a client's or a server's; empty if it is neither one alone, or not known since only the list that
 *     easy-rsa kept tells of it
 * @param serial its serial number
 * @param notAfter when it ends
 * @param revoked since when it is revoked, if it is
 */
public record IssuedCertificate(
        String name, Optional<Purpose> purpose, BigInteger serial, Instant notAfter, Optional<Instant> revoked) {
    /** @throws NullPointerException if anything is null */
    public IssuedCertificate {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(purpose, "purpose");
        Objects.requireNonNull(serial, "serial");
        Objects.requireNonNull(notAfter, "notAfter");
        Objects.requireNonNull(revoked, "revoked");
    }

    IssuedCertificate revokedAt(Instant at) {
        return new IssuedCertificate(name, purpose, serial, notAfter, Optional.of(at));
    }
}
