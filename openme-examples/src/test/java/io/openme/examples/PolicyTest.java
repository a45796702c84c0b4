package io.openme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Decision.Refused;
import io.openme.doorman.AccessPolicy.Request;
import io.openme.doorman.Client;
import io.openme.policy.Rule;
import io.openme.policy.RulePolicy;
import io.openme.testkit.TestCa;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of docs/policy.md. */
class PolicyTest {
    @Test
    void staffOpensSshForAGuestInItsHours() throws UnknownHostException {
        AccessPolicy policy = RulePolicy.of(
                Rule.builder("admins")
                        .client("cn=alice")
                        .anyGuest()
                        .administrator()
                        .build(),
                Rule.builder("staff")
                        .client("dns=*.staff.example.org")
                        .service("ssh")
                        .guests("203.0.113.0/24")
                        .lifetime(Duration.ofMinutes(30))
                        .longest(Duration.ofHours(4))
                        .addresses(2)
                        .rate(10, Duration.ofMinutes(1))
                        .time("mon-fri 08:00-18:00 Europe/Rome")
                        .build());
        TestCa ca = TestCa.create();
        Client alice = Client.of(ca.client("alice").issue().certificate());
        Client carol = Client.of(
                ca.client("carol").names("carol.staff.example.org").issue().certificate());
        Request wanted = new Request(
                InetAddress.getByAddress(new byte[] {(byte) 203, 0, 113, 9}),
                true,
                Set.of("ssh", "web"),
                false,
                Optional.empty(),
                Instant.parse("2026-11-23T12:00:00Z"));

        assertThat(policy.decide(carol, wanted)).isInstanceOfSatisfying(Granted.class, granted -> {
            assertThat(granted.services()).containsExactly("ssh");
            assertThat(granted.lifetime()).isEqualTo(Duration.ofMinutes(30));
            assertThat(granted.rule()).contains("staff");
        });
        assertThat(policy.decide(Client.of(ca.client("bob").issue().certificate()), wanted))
                .isInstanceOf(Refused.class);
        assertThat(policy.administers(alice)).isTrue();
        assertThat(policy.administers(carol)).isFalse();
    }
}
