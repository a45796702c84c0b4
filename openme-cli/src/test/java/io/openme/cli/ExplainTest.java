package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
    /** A Monday. */
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private static final String BEGINNING = """
            services: { ssh: [22/tcp], web: [443/tcp] }
            identity: { certificate: localhost.crt, key: localhost.key }
            clients: { ca: ca.crt }
            """;

    private static final String RULES = """
            policy:
              - name: admins
                clients: [dns=admin.example.org, cn=alice]
                administrator: true
                guests: any
              - name: staff
                clients: dns=*.staff.example.org
                services: ssh
                lifetime: 30m
                longest: 4h
                addresses: 2
                rate: 10/1m
                times: mon-fri 08:00-18:00 Europe/Rome
                guests: 203.0.113.0/24
              - name: no guests
                clients: cn=guest
                refuse: true
            """;

    @TempDir
    private Path directory = Path.of("");

    private final TestCa ca = TestCa.at(NOON);

    @BeforeEach
    void writeCertificates() {
        ca.writeTo(directory);
        ca.client("carol").names("carol.staff.example.org").issue().writeTo(directory);
    }

    @Test
    void saysWhatAClientCouldDoAndWhichRuleSaysSo() throws IOException {
        Run run = explain(NOON, RULES, "--client", carol(), "--address", "203.0.113.9");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        // The guide shows what is printed.
        String guide = Files.readString(Path.of("../docs/policy.md"));
        assertThat(run.out().lines().skip(1).toList())
                .hasSize(12)
                .isEqualTo(guide.lines()
                        .dropWhile(each -> !each.startsWith("What carol ("))
                        .skip(1)
                        .takeWhile(each -> !each.startsWith("```"))
                        .toList());
        assertThat(run.out()).startsWith("What carol (").contains(") could do at 2026-11-23T12:00:00Z");
    }

    @Test
    void saysTheSameToPrograms() throws IOException {
        Run run = explain(NOON, RULES, "--client", carol(), "--address", "203.0.114.9", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("{\"client\":\"carol\",\"assumed\":false,\"fingerprint\":\"")
                .contains(
                        "\"trusted\":true,\"certificateEnds\":\"2026-12-22T12:00:00Z\",\"at\":\"2026-11-23T12:00:00Z\","
                                + "\"mayOpen\":true,\"administrator\":false,\"notMatched\":[],\"rule\":\"staff\","
                                + "\"clients\":[\"dns=*.staff.example.org\"],\"opensFor\":\"itself and guests in 203.0.113.0/24\","
                                + "\"addresses\":2,\"rate\":\"10/1m\",\"times\":[\"mon-fri 08:00-18:00 Europe/Rome\"],\"open\":true,"
                                + "\"answers\":[{\"service\":\"ssh\",\"for\":\"itself\",\"granted\":true,\"lifetimeSeconds\":1800,"
                                + "\"longestSeconds\":14400},{\"service\":\"ssh\",\"for\":\"203.0.114.9\",\"granted\":false,"
                                + "\"refusal\":\"address-not-permitted\",\"reason\":\"rule staff: it opens for itself and guests in"
                                + " 203.0.113.0/24, not for the guest 203.0.114.9\"}");
    }

    @Test
    void saysWhenItIsNotTheTime() throws IOException {
        Run early = explain(NOON.plusSeconds(4 * 3600 + 1800), RULES, "--client", carol());
        Run late = explain(NOON.plusSeconds(5 * 3600), RULES, "--client", carol());

        assertThat(early.out()).contains("ssh for itself          yes, for 30m" + System.lineSeparator());
        assertThat(late.exitCode()).isEqualTo(1);
        assertThat(late.out())
                .contains("times         mon-fri 08:00-18:00 Europe/Rome, NOT now")
                .contains("ssh for itself          NO, not-now: rule staff: it does not open at 2026-11-23T17:00:00Z");
    }

    @Test
    void assumesACertificateWhereOnlyANameIsGivenAndSaysWhatItDidNotMatch() throws IOException {
        Run guest = explain(NOON, RULES, "--client", "guest");
        Run alice = explain(NOON, RULES, "--client", "alice", "--address", "127.0.0.1");
        Run nobody = explain(NOON, RULES, "--client", "nobody", "--json");

        assertThat(guest.exitCode()).isEqualTo(1);
        assertThat(guest.out())
                .startsWith("What guest could do at ")
                .contains("assumed       a certificate with this common name and nothing else")
                .contains("not matched for that: rule \"admins\", which is about dns=admin.example.org")
                .contains("not matched for that: rule \"staff\", which is about dns=*.staff.example.org")
                .contains("decided by    rule \"no guests\", which is about cn=guest")
                .contains("ssh for itself          NO, not-permitted: rule no guests: it refuses its clients")
                .doesNotContain("trusted");
        assertThat(alice.exitCode()).isZero();
        assertThat(alice.out())
                .contains("decided by    rule \"admins\"")
                .contains("administrator yes")
                .contains("addresses     as many as it likes")
                .contains("rate          60/1m")
                .contains("web for itself          yes, for 1h, up to 12h if it asks")
                .contains("web for 127.0.0.1       NO, bad-address: a loopback address is the doorman's own host")
                .doesNotContain("not matched");
        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.out())
                .startsWith("{\"client\":\"nobody\",\"assumed\":true,\"at\":")
                .contains(
                        "\"mayOpen\":false,\"administrator\":false,\"notMatched\":[\"admins\",\"staff\"],\"answers\":")
                .contains("\"refusal\":\"not-permitted\",\"reason\":\"no rule is about this client\"");
        assertThat(explain(NOON, RULES, "--client", "nobody").out())
                .contains("decided by    no rule: none is about this client, so it is refused");
    }

    @Test
    void saysWhereACertificateIsRefusedWhateverTheRulesSay() throws IOException {
        String everyone = "policy: [{ clients: any, administrator: true, guests: none }]\n";
        ca.client("old").expired().issue().writeTo(directory);
        TestCertificate revoked = ca.client("revoked").issue();
        revoked.writeTo(directory);
        ca.crl().revoke(revoked).writeTo(directory);

        Run old =
                explain(NOON, everyone, "--client", directory.resolve("old.crt").toString());
        assertThat(old.exitCode()).isEqualTo(1);
        assertThat(old.out())
                .contains("certificate   REFUSED: the certificate of old expired at ")
                .contains("decided by    rule \"rule 1\"")
                .contains("administrator no")
                .contains("ssh for itself          NO, not-trusted: the certificate of old expired");

        String withCrl = BEGINNING.replace("ca.crt", "ca.crt, crl: crl.pem") + everyone;
        Run gone = run(
                NOON,
                withCrl,
                "--explain",
                "--json",
                "--client",
                directory.resolve("revoked.crt").toString());
        assertThat(gone.exitCode()).as(gone.err()).isEqualTo(1);
        assertThat(gone.out()).contains("\"trusted\":false,\"distrust\":\"the certificate of revoked (serial ");
        assertThat(run(NOON, withCrl, "--explain", "--client", carol()).exitCode())
                .isZero();
    }

    @Test
    void withoutAPolicyEveryClientMayOpenEverything() throws IOException {
        Run run = explain(NOON, "", "--client", carol(), "--address", "198.51.100.7");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("decided by    no rule: without a policy every client may open everything")
                .contains("web for itself          yes, for 1h, up to 12h if it asks")
                .contains("web for 198.51.100.7    yes, for 1h, up to 12h if it asks");
    }

    @Test
    void readsACertificateThatItsKeyIsIn() throws IOException {
        TestCertificate carol =
                ca.client("both").names("both.staff.example.org").issue();
        Path both = Files.writeString(directory.resolve("both"), carol.keyPem() + carol.certificatePem());

        assertThat(explain(NOON, RULES, "--client", both.toString()).out()).contains("rule \"staff\"");
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        for (String[] arguments : new String[][] {
            {"--explain"},
            {"--client", "alice"},
            {"--address", "203.0.113.9"},
            {"--explain", "--address", "203.0.113.9"}
        }) {
            Run run = run(NOON, BEGINNING, arguments);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("write --explain --client alice");
        }
        assertThat(explain(NOON, RULES, "--client", "alice.crt").err())
                .contains("there is no file alice.crt; check the path, or give a common name");
        assertThat(explain(NOON, RULES, "--client", "a/b").err()).contains("there is no file a/b");
        Run odd = explain(NOON, RULES, "--client", "Smith, Alice");
        assertThat(odd.exitCode()).isEqualTo(2);
        assertThat(odd.err()).contains("\"Smith, Alice\" is no common name that can be assumed; give the client's");
        assertThat(explain(
                                NOON,
                                RULES,
                                "--client",
                                directory.resolve("config.yaml").toString())
                        .err())
                .contains("holds no PEM block");
    }

    private String carol() {
        return directory.resolve("carol.crt").toString();
    }

    private Run explain(Instant at, String rules, String... arguments) throws IOException {
        return run(
                at,
                BEGINNING + rules,
                Stream.concat(Stream.of("--explain"), Stream.of(arguments)).toArray(String[]::new));
    }

    private Run run(Instant at, String configuration, String... arguments) throws IOException {
        Path file = Files.writeString(directory.resolve("config.yaml"), configuration);
        Host host = new Host(
                new Run.Typed(List.of()),
                directory,
                directory.resolve("state"),
                Clock.fixed(at, ZoneOffset.UTC),
                () -> new ManualTime(at),
                Optional::empty);
        return Run.on(
                host,
                Stream.concat(Stream.of("check", "-c", file.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }
}
