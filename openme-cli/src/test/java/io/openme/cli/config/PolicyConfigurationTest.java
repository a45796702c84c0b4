package io.openme.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.AccessPolicy.Request;
import io.openme.doorman.Client;
import io.openme.pki.CertificateAuthority;
import io.openme.policy.ClientPattern;
import io.openme.policy.Network;
import io.openme.policy.OpensFor;
import io.openme.policy.Rule;
import io.openme.policy.TimeWindow;
import io.openme.protocol.IpLiteral;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyConfigurationTest {
    private static final String LEAST = """
            services: { ssh: [22/tcp], web: [443/tcp] }
            identity: { certificate: server.crt, key: server.key }
            clients: { ca: ca.crt }
            """;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void readsEveryKeyOfARule() throws IOException {
        List<Rule> rules = rules("""
                policy:
                  - name: admins
                    clients: [cn=alice, "serial=CN=My CA/1a2b"]
                    administrator: true
                    guests: any
                  - clients: dns=*.staff.example.org
                    services: [ssh]
                    lifetime: 30m
                    longest: 4h
                    addresses: 2
                    rate: 10/1m
                    times: [mon-fri 08:00-18:00 Europe/Rome, sat UTC]
                    guests: [203.0.113.0/24, "2001:db8::/32"]
                  - { clients: any, refuse: true }
                """);

        assertThat(rules)
                .containsExactly(
                        new Rule(
                                "admins",
                                List.of(ClientPattern.parse("cn=alice"), ClientPattern.parse("serial=CN=My CA/1a2b")),
                                Set.of(),
                                new OpensFor.Anyone(),
                                Duration.ofHours(1),
                                Duration.ofHours(12),
                                Limits.NONE,
                                List.of(),
                                true),
                        new Rule(
                                "rule 2",
                                List.of(ClientPattern.parse("dns=*.staff.example.org")),
                                Set.of("ssh"),
                                new OpensFor.Guests(
                                        List.of(Network.parse("203.0.113.0/24"), Network.parse("2001:db8::/32"))),
                                Duration.ofMinutes(30),
                                Duration.ofHours(4),
                                new Limits(OptionalInt.of(2), Optional.of(new Rate(10, Duration.ofMinutes(1)))),
                                List.of(
                                        TimeWindow.parse("mon-fri 08:00-18:00 Europe/Rome"),
                                        TimeWindow.parse("sat UTC")),
                                false),
                        Rule.builder("rule 3")
                                .client("any")
                                .refuse()
                                .longest(Duration.ofHours(12))
                                .build());
    }

    @Test
    void aRuleThatSaysNoMoreIsBoundByTheGrants() throws IOException {
        Rule bound = rules("grants: { lifetime: 2h, longest: 3h }\npolicy: [{ clients: any, refuse: false }]\n")
                .get(0);
        assertThat(bound.lifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(bound.longest()).isEqualTo(Duration.ofHours(3));
        assertThat(bound.opensFor()).isEqualTo(new OpensFor.Itself());

        Rule shorter = rules("policy: [{ clients: any, longest: 30m, guests: none, refuse: false }]\n")
                .get(0);
        assertThat(shorter.lifetime()).isEqualTo(Duration.ofMinutes(30));
        assertThat(shorter.longest()).isEqualTo(Duration.ofMinutes(30));
        assertThat(shorter.opensFor()).isEqualTo(new OpensFor.Itself());
    }

    @Test
    void withoutRulesAClientGetsEverythingUpToTheLongest() throws IOException {
        Configuration read = read("grants: { lifetime: 2h, longest: 3h }\n");
        Client client = Client.of(CertificateAuthority.create("alice").certificate());

        assertThat(read.policy()).isEmpty();
        for (Duration[] each :
                new Duration[][] {{Duration.ofHours(1), Duration.ofHours(1)}, {Duration.ofHours(4), Duration.ofHours(3)}
                }) {
            assertThat(read.accessPolicy()
                            .decide(
                                    client,
                                    new Request(
                                            IpLiteral.parse("203.0.113.9").orElseThrow(),
                                            true,
                                            Set.of("ssh", "web"),
                                            false,
                                            Optional.of(each[0]),
                                            Instant.EPOCH)))
                    .isEqualTo(new Granted(Set.of("ssh", "web"), each[1]));
        }
        assertThat(read("policy: [{ clients: cn=bob, guests: none }]\n")
                        .accessPolicy()
                        .administers(client))
                .isFalse();
        assertThat(read("policy: [{ clients: cn=alice, administrator: true, guests: none }]\n")
                        .withBackend("dry-run")
                        .accessPolicy()
                        .administers(client))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "policy: [] | policy is an empty list; write a rule, or take the key out to let every client open everything",
                "policy: any | policy is \"any\", but should be a list, each with the keys addresses, administrator, clients,"
                        + " guests, lifetime, longest, name, rate, refuse, services, times",
                "policy: [any] | policy is \"any\", but should be keys with values; it has addresses, administrator, clients,"
                        + " guests, lifetime, longest, name, rate, refuse, services, times",
                "policy: [{ client: any, clients: any, guests: any }] | unknown key policy.client; did you mean clients?",
                "policy: [{ name: a }] | policy.clients is missing; write clients: [cn=alice], or clients: any",
                "policy: [{ name: a, clients: any }] | policy.clients: the rule ends without a word of what these clients may"
                        + " do; write services: [ssh, web] for what they may open, or refuse: true",
                "policy: [{ clients: any, administrator: true }] | policy.clients: the rule ends without a word of what these"
                        + " clients may do; write services: [ssh, web] for what they may open, or refuse: true",
                "policy: [{ clients: [], guests: any }] | policy.clients: rule 1 is about nobody; give it a pattern, such as any",
                "policy: [{ clients: cm=a, guests: any }] | policy.clients: \"cm=a\" is no pattern of a client; did you mean cn?",
                "policy: [{ clients: any, name: a, guests: any }, { clients: any, name: a, guests: any }] | policy: two rules"
                        + " are called \"a\"; give one of them another name",
                "policy: [{ clients: any, guests: any, name: \"a\\tb\" }] | policy.name: a rule's name has 1 to 64 characters, and no"
                        + " control characters",
                "policy: [{ clients: any, services: [ssj] }] | policy.services: there is no service \"ssj\"; did you mean ssh?",
                "policy: [{ clients: any, services: imap }] | policy.services: there is no service \"imap\"; guarded are ssh,"
                        + " web",
                "policy: [{ clients: any, services: [] }] | policy.services is an empty list; take the key out for all of"
                        + " them, or write refuse: true",
                "policy: [{ clients: any, times: [] }] | policy.times is an empty list; take the key out for all of them, or"
                        + " write refuse: true",
                "policy: [{ clients: any, times: mon-fri }] | policy.times: \"mon-fri\" is no time; write days, hours and the"
                        + " zone whose clocks count, such as mon-fri 08:00-18:00 Europe/Rome",
                "policy: [{ clients: any, guests: 203.0.113.9/24 }] | policy.guests: 203.0.113.9/24 has bits set beyond its"
                        + " prefix; write 203.0.113.0/24 for the network, or 203.0.113.9/32 for this address alone",
                "policy: [{ clients: any, guests: anny }] | policy.guests: \"anny\" is unknown; did you mean any?",
                "policy: [{ clients: any, guests: [any, 203.0.113.9] }] | policy.guests is any, none, or a list of networks;"
                        + " write guests: [203.0.113.0/24]",
                "policy: [{ clients: any, guests: [] }] | policy.guests is any, none, or a list of networks; write guests:"
                        + " [203.0.113.0/24]",
                "policy: [{ clients: any, longest: 13h }] | policy.longest: \"13h\" is more than grants.longest, which is 12h;"
                        + " shorten the one or raise the other",
                "policy: [{ clients: any, lifetime: 13h }] | policy.lifetime: \"13h\" is more than grants.longest, which is"
                        + " 12h; shorten the one or raise the other",
                "policy: [{ clients: any, lifetime: 3h, longest: 2h }] | policy.lifetime: \"3h\" is more than policy.longest,"
                        + " which is 2h; shorten the one or raise the other",
                "policy: [{ clients: any, lifetime: 366d }] | policy.lifetime: \"366d\" is out of bounds; it is 1s to 365d",
                "policy: [{ clients: any, addresses: 0 }] | policy.addresses: \"0\" is no number of addresses; it is 1 to"
                        + " 1000000",
                "policy: [{ clients: any, addresses: 1000001 }] | policy.addresses: \"1000001\" is no number of addresses; it"
                        + " is 1 to 1000000",
                "policy: [{ clients: any, rate: 10 }] | policy.rate: \"10\" is no rate; write how often and in which time,"
                        + " such as 10/1m",
                "policy: [{ clients: any, rate: 10/m }] | policy.rate: \"10/m\" is no rate; write how often and in which time,"
                        + " such as 10/1m",
                "policy: [{ clients: any, rate: 0/1m }] | policy.rate: rate of 0 is out of bounds; it is 1 to 1,000,000",
                "policy: [{ clients: any, guests: any, administrator: yes }] | policy.administrator is \"yes\", but should be true or false,"
                        + " without quotes",
                "policy: [{ clients: any, refuse: true, times: sat UTC, services: ssh }] | policy.refuse: these clients may"
                        + " open nothing, so that services, times would mean nothing; leave out the one or the other",
            })
    void saysWhatIsWrongAndTheWayOut(String wrong, String message) {
        assertThatThrownBy(() -> read(wrong + "\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(file() + ":4: " + message);
    }

    @Test
    void saysOnWhichLineOfWhichRuleItIs() {
        assertThatThrownBy(() -> read("""
                policy:
                  - clients: any
                    addresses: 2
                  - clients: any
                    services:
                      - ssh
                      - mail
                """))
                .hasMessage(file() + ":10: policy.services: there is no service \"mail\"; guarded are ssh, web");
    }

    @Test
    void tellsOfAServiceThatIsThereTwiceOnce() {
        assertThatThrownBy(() -> Configuration.read(Files.writeString(
                        file(), LEAST.replace("web:", "ssh:") + "policy: [{ clients: any, services: ssh }]\n")))
                .hasMessage(file() + ":1: services.ssh is there twice; leave one out");
    }

    private List<Rule> rules(String content) throws IOException {
        return read(content).policy().orElseThrow().rules();
    }

    private Configuration read(String content) throws IOException {
        return Configuration.read(Files.writeString(file(), LEAST + content));
    }

    private Path file() {
        return directory.resolve("config.yaml");
    }
}
