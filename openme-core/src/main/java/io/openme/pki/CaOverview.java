package io.openme.pki;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a CA in a directory is and has done.
 *
 * @param certificate its own
 * @param crlNumber the number of its newest revocation list
 * @param crlEnd when that list ends, and with it the entry of everyone whose doorman has it; empty if its file is not
 *     there
 * @param issued what it issued, oldest first
 */
public record CaOverview(
        X509Certificate certificate, BigInteger crlNumber, Optional<Instant> crlEnd, List<IssuedCertificate> issued) {
    /** @throws NullPointerException if anything is null */
    public CaOverview {
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(crlNumber, "crlNumber");
        Objects.requireNonNull(crlEnd, "crlEnd");
        issued = List.copyOf(issued);
    }

    /** Whether the same name has a certificate for the same that ends later and is not revoked. */
    public boolean isReplaced(IssuedCertificate one) {
        return issued.stream()
                .anyMatch(each -> each.name().equals(one.name())
                        && each.purpose().equals(one.purpose())
                        && each.revoked().isEmpty()
                        && each.notAfter().isAfter(one.notAfter()));
    }
}
