package io.openme.cli;

import io.openme.pki.CaDirectory;
import io.openme.pki.CaOverview;
import io.openme.pki.IssuedCertificate;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme ca list}. */
@Command(
        name = "list",
        header = "Lists what the CA has issued, oldest first, and what ends when.",
        description = {
            "STATE is issued, expires soon (within 30 days, or as --expiring says), expired, replaced (it would be one of"
                    + " these two, but its name has a newer one) or revoked.",
            "The last lines are the CA's own certificate and its revocation list."
        },
        footer = {"", "Examples:", "  openme ca list", "  openme ca list --expiring 60d", "  openme ca list --json"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaListCommand implements Callable<Integer> {
    private static final Duration SOON = Duration.ofDays(30);
    private static final String ROW = "%-24s %-7s %-20s %-12s %s%n";
    private static final String GOOD = "issued";
    private static final String EXPIRES_SOON = "expires soon";
    private static final String EXPIRED = "expired";

    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaDirectoryOption place = new CaDirectoryOption();

    @Option(
            names = "--expiring",
            paramLabel = "DURATION",
            converter = Converters.Duration.class,
            description = "Of the certificates, only those that somebody has to renew within this time, such as 60d.")
    private Optional<Duration> expiring = Optional.empty();

    @Option(names = "--json", description = "For programs: a JSON object.")
    private boolean json;

    CaListCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CaOverview ca = CaDirectory.overview(place.directory());
        List<IssuedCertificate> shown = ca.issued().stream()
                .filter(each ->
                        expiring.isEmpty() || List.of(EXPIRES_SOON, EXPIRED).contains(state(ca, each)))
                .toList();
        PrintWriter out = Program.line(spec).getOut();
        if (json) {
            out.println(Json.write(toMap(ca, shown)));
        } else {
            print(out, ca, shown);
        }
        return ExitCode.OK;
    }

    private void print(PrintWriter out, CaOverview ca, List<IssuedCertificate> shown) {
        out.printf(Locale.ROOT, ROW, "NAME", "FOR", "UNTIL", "STATE", "SERIAL");
        for (IssuedCertificate each : shown) {
            row(
                    out,
                    each.name(),
                    purpose(each),
                    each.notAfter(),
                    state(ca, each),
                    each.serial().toString(16));
        }
        Instant end = end(ca);
        row(
                out,
                "(the CA itself)",
                "-",
                end,
                state(end),
                ca.certificate().getSerialNumber().toString(16));
        ca.crlEnd()
                .ifPresentOrElse(
                        at -> row(out, "(revocation list)", "-", at, state(at), "number " + ca.crlNumber()),
                        () -> out.printf(Locale.ROOT, ROW, "(revocation list)", "-", "-", "missing", "openme ca crl"));
    }

    private static void row(PrintWriter out, String name, String purpose, Instant until, String state, String serial) {
        out.printf(Locale.ROOT, ROW, name, purpose, until, state, serial);
    }

    private String state(CaOverview ca, IssuedCertificate issued) {
        if (issued.revoked().isPresent()) {
            return "revoked";
        }
        String state = state(issued.notAfter());
        return !state.equals(GOOD) && ca.isReplaced(issued) ? "replaced" : state;
    }

    private String state(Instant end) {
        Instant now = host.clock().instant();
        if (end.isBefore(now)) {
            return EXPIRED;
        }
        return end.isBefore(now.plus(expiring.orElse(SOON))) ? EXPIRES_SOON : GOOD;
    }

    private Map<String, Object> toMap(CaOverview ca, List<IssuedCertificate> shown) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ca", until(end(ca)));
        Map<String, Object> crl = new LinkedHashMap<>();
        crl.put("number", ca.crlNumber());
        crl.putAll(ca.crlEnd().map(this::until).orElse(Map.of("state", "missing")));
        map.put("crl", crl);
        map.put("issued", shown.stream().map(each -> toMap(ca, each)).toList());
        return map;
    }

    private Map<String, Object> until(Instant end) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("notAfter", end.toString());
        map.put("state", state(end));
        return map;
    }

    private Map<String, Object> toMap(CaOverview ca, IssuedCertificate issued) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", issued.name());
        map.put("purpose", purpose(issued));
        map.put("serial", issued.serial().toString(16));
        map.put("notAfter", issued.notAfter().toString());
        map.put("state", state(ca, issued));
        issued.revoked().ifPresent(at -> map.put("revoked", at.toString()));
        return map;
    }

    private static Instant end(CaOverview ca) {
        return ca.certificate().getNotAfter().toInstant();
    }

    private static String purpose(IssuedCertificate issued) {
        return issued.purpose()
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .orElse("other");
    }
}
