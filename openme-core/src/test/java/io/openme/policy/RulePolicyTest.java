package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Decision.Refused;
import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.AccessPolicy.Request;
import io.openme.doorman.Client;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RulePolicyTest {
    private static final Instant MONDAY_NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final InetAddress HERE = address("192.0.2.1");
    private static final Client ALICE = Holder.named("alice");
    private static final Client BOB = Holder.named("bob");
    private static final Client MALLORY = Holder.named("mallory");
    private static final Client ALICE_AND_MALLORY = Holder.named("alice", "mallory");

    @Test
    void theFirstRuleThatIsAboutAClientDecidesAlone() {
        RulePolicy policy = RulePolicy.of(
                rule("bob").client("cn=bob").service("web").build(),
                rule("both").client("cn=alice").client("cn=bob").service("ssh").build(),
                rule("rest").client("any").anyGuest().administrator().build());

        assertThat(granted(policy.decide(ALICE, open())).rule()).contains("both");
        assertThat(granted(policy.decide(BOB, open())).rule()).contains("bob");
        assertThat(granted(policy.decide(MALLORY, open())).rule()).contains("rest");
        // A later rule would let bob.
        assertThat(refused(policy.decide(BOB, asking("ssh"))))
                .isEqualTo(new Refused(
                        Refusal.SERVICE_NOT_PERMITTED, "rule bob: it does not open ssh", Optional.of("bob")));
        assertThat(policy.administers(BOB)).isFalse();
        assertThat(policy.administers(MALLORY)).isTrue();
        assertThat(policy.ruleFor(BOB)).map(Rule::name).contains("bob");
        assertThat(policy.rules()).extracting(Rule::name).containsExactly("bob", "both", "rest");
    }

    @Test
    void refusesAClientThatNoRuleIsAbout() {
        RulePolicy policy =
                RulePolicy.of(rule("a").client("cn=alice").administrator().build());

        assertThat(policy.decide(BOB, open()))
                .isEqualTo(new Refused(Refusal.NOT_PERMITTED, "no rule is about this client", Optional.empty()));
        assertThat(policy.ruleFor(BOB)).isEmpty();
        assertThat(policy.administers(BOB)).isFalse();
        assertThat(policy.administers(ALICE)).isTrue();
    }

    @Test
    void refusesWhereACertificateHasSeveralCommonNamesAndOnlySomeAreTheRules() {
        Refused uncertain = new Refused(
                Refusal.NOT_PERMITTED,
                "rule a: the certificate has several common names, and only some of them are those of the rule; name it"
                        + " by its fingerprint",
                Optional.of("a"));
        RulePolicy granting = RulePolicy.of(
                rule("a").client("cn=alice").administrator().build(),
                rule("rest").client("any").build());
        RulePolicy refusing = RulePolicy.of(
                rule("a").client("cn=mallory").refuse().build(),
                rule("rest").client("any").administrator().build());

        for (RulePolicy each : List.of(granting, refusing)) {
            assertThat(each.decide(ALICE_AND_MALLORY, open())).isEqualTo(uncertain);
            assertThat(each.administers(ALICE_AND_MALLORY)).isFalse();
        }
    }

    @Test
    void aSurePatternOfTheSameRuleSettlesWhatACommonNameLeavesOpen() {
        String sure = "fingerprint=" + ALICE_AND_MALLORY.fingerprint();
        for (List<String> patterns :
                List.of(List.of("cn=alice", sure), List.of(sure, "cn=alice"), List.of("cn=alice", "cn=bob", sure))) {
            RuleBuilder rule = rule("a").administrator();
            patterns.forEach(rule::client);
            RulePolicy policy = RulePolicy.of(rule.build());

            assertThat(granted(policy.decide(ALICE_AND_MALLORY, open())).rule()).contains("a");
            assertThat(policy.administers(ALICE_AND_MALLORY)).isTrue();
        }
        assertThat(RulePolicy.of(rule("a").client("cn=alice").client("cn=bob").build())
                        .decide(ALICE_AND_MALLORY, open()))
                .isInstanceOf(Refused.class);
    }

    @Test
    void grantsWhatTheRuleLetsAClientOpen() {
        Rule all = rule("a").client("any").build();
        Rule ssh = rule("a").client("any").service("ssh").service("mail").build();

        assertThat(granted(decide(all, open())).services()).containsExactlyInAnyOrder("ssh", "web");
        assertThat(granted(decide(all, asking("web"))).services()).containsExactly("web");
        assertThat(granted(decide(ssh, open())).services()).containsExactly("ssh");
        assertThat(granted(decide(ssh, asking("ssh"))).services()).containsExactly("ssh");
        assertThat(refused(decide(ssh, asking("ssh", "web"))).reason()).isEqualTo("rule a: it does not open web");
        assertThat(refused(decide(rule("a").client("any").service("mail").build(), open())))
                .isEqualTo(new Refused(
                        Refusal.SERVICE_NOT_PERMITTED, "rule a: it does not open ssh, web", Optional.of("a")));
    }

    @Test
    void opensForTheClientItselfUnlessTheRuleLetsGuestsIn() {
        Rule itself = rule("a").client("any").build();
        Rule some = rule("a")
                .client("any")
                .guests("203.0.113.0/24")
                .guests("2001:db8::/32")
                .build();
        Rule any = rule("a").client("any").guests("203.0.113.0/24").anyGuest().build();

        for (Rule each : List.of(itself, some, any)) {
            assertThat(decide(each, open())).isInstanceOf(Granted.class);
        }
        assertThat(decide(itself, guest("203.0.113.9")))
                .isEqualTo(new Refused(
                        Refusal.ADDRESS_NOT_PERMITTED,
                        "rule a: it opens for itself, not for the guest 203.0.113.9",
                        Optional.of("a")));
        assertThat(decide(some, guest("203.0.113.9"))).isInstanceOf(Granted.class);
        assertThat(decide(some, guest("2001:db8::9"))).isInstanceOf(Granted.class);
        assertThat(refused(decide(some, guest("203.0.114.9"))).reason())
                .isEqualTo("rule a: it opens for itself and guests in 203.0.113.0/24, 2001:db8::/32, not for the guest"
                        + " 203.0.114.9");
        assertThat(decide(any, guest("203.0.114.9"))).isInstanceOf(Granted.class);
        assertThat(any.opensFor()).hasToString("itself and any guest");
    }

    @Test
    void aRuleMayRefuseItsClients() {
        Rule rule = rule("a").client("any").refuse().administrator().build();

        for (Request each : List.of(open(), guest("203.0.113.9"), asking("ssh"))) {
            assertThat(decide(rule, each))
                    .isEqualTo(new Refused(Refusal.NOT_PERMITTED, "rule a: it refuses its clients", Optional.of("a")));
        }
        // One that may look and close, and open nothing.
        assertThat(RulePolicy.of(rule).administers(ALICE)).isTrue();
        assertThat(rule.opensFor()).hasToString("nobody");
        assertThat(rule.opensFor().admitsGuest(HERE)).isFalse();
    }

    @Test
    void grantsWhatIsAskedForUpToTheLongest() {
        Rule rule = rule("a")
                .client("any")
                .lifetime(Duration.ofMinutes(30))
                .longest(Duration.ofHours(4))
                .build();

        assertThat(granted(decide(rule, open())).lifetime()).isEqualTo(Duration.ofMinutes(30));
        assertThat(granted(decide(rule, lasting(Duration.ofSeconds(1)))).lifetime())
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(granted(decide(rule, lasting(Duration.ofHours(4)))).lifetime())
                .isEqualTo(Duration.ofHours(4));
        assertThat(granted(decide(rule, lasting(Duration.ofHours(5)))).lifetime())
                .isEqualTo(Duration.ofHours(4));
        assertThat(granted(decide(rule("a").client("any").build(), lasting(Duration.ofHours(5))))
                        .lifetime())
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void handsOnItsLimits() {
        Rule rule = rule("a")
                .client("any")
                .addresses(2)
                .rate(10, Duration.ofMinutes(1))
                .build();

        assertThat(granted(decide(rule, open())).limits())
                .isEqualTo(new Limits(OptionalInt.of(2), Optional.of(new Rate(10, Duration.ofMinutes(1)))));
        assertThat(granted(decide(rule("a").client("any").build(), open())).limits())
                .isEqualTo(Limits.NONE);
    }

    @Test
    void opensInItsTimesOnlyAndUntilTheirEndAtTheLatest() {
        Rule rule = rule("a")
                .client("any")
                .lifetime(Duration.ofHours(2))
                .longest(Duration.ofHours(8))
                .time("08:00-14:00 UTC")
                .time("16:00-18:00 UTC")
                .build();

        assertThat(granted(decide(rule, open())).lifetime()).isEqualTo(Duration.ofHours(2));
        assertThat(granted(decide(rule, lasting(Duration.ofHours(3)))).lifetime())
                .isEqualTo(Duration.ofHours(2));
        assertThat(granted(decide(rule, lasting(Duration.ofHours(1)))).lifetime())
                .isEqualTo(Duration.ofHours(1));
        assertThat(granted(decide(rule, at("2026-11-23T13:59:59Z"))).lifetime()).isEqualTo(Duration.ofSeconds(1));
        assertThat(granted(decide(rule, at("2026-11-23T16:30:00Z"))).lifetime()).isEqualTo(Duration.ofMinutes(90));
        assertThat(decide(rule, at("2026-11-23T14:00:00Z")))
                .isEqualTo(new Refused(
                        Refusal.NOT_NOW, "rule a: it does not open at 2026-11-23T14:00:00Z", Optional.of("a")));
        // No grant is as short as that.
        assertThat(refused(decide(rule, at("2026-11-23T13:59:59.001Z"))).why()).isEqualTo(Refusal.NOT_NOW);
        assertThat(rule.isOpen(MONDAY_NOON)).isTrue();
        assertThat(rule.isOpen(Instant.parse("2026-11-23T13:59:59Z"))).isTrue();
        assertThat(rule.isOpen(Instant.parse("2026-11-23T13:59:59.001Z"))).isFalse();
        assertThat(rule("a").client("any").build().isOpen(MONDAY_NOON)).isTrue();
    }

    @Test
    void saysWhatWillNeverBeBeforeWhatIsNotNow() {
        Rule rule =
                rule("a").client("any").service("ssh").time("08:00-09:00 UTC").build();

        assertThat(refused(decide(rule, asking("web"))).why()).isEqualTo(Refusal.SERVICE_NOT_PERMITTED);
        assertThat(refused(decide(rule, guest("203.0.113.9"))).why()).isEqualTo(Refusal.ADDRESS_NOT_PERMITTED);
        assertThat(refused(decide(rule, asking("ssh"))).why()).isEqualTo(Refusal.NOT_NOW);
    }

    @Test
    void refusesARuleThatCantBeMeant() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> rule("a").build())
                .hasMessage("rule a is about nobody; give it a pattern, such as any");
        for (String name : new String[] {"", " ", "a\nb", "a".repeat(65)}) {
            assertThatThrownBy(() -> rule(name).client("any").build())
                    .hasMessage("a rule's name has 1 to 64 characters, and no control characters");
        }
        assertThat(rule("a".repeat(64)).client("any").build().name()).hasSize(64);
        assertThatThrownBy(() -> lived(second.minusNanos(1), second))
                .hasMessage(
                        "rule a grants PT0.999999999S, at most PT1S; a lifetime is 1 second to the longest, which is"
                                + " up to 365 days");
        assertThatThrownBy(() -> lived(second.plusNanos(1), second)).hasMessageContaining("rule a grants");
        assertThatThrownBy(() -> lived(second, Granted.LONGEST.plusNanos(1))).hasMessageContaining("rule a grants");
        assertThat(lived(second, second).longest()).isEqualTo(second);
        assertThat(lived(Granted.LONGEST, Granted.LONGEST).lifetime()).isEqualTo(Granted.LONGEST);
        assertThatThrownBy(() -> new OpensFor.Guests(List.of())).hasMessageContaining("guests in no network are none");
    }

    @Test
    void refusesAPolicyThatCantBeMeant() {
        Rule a = rule("a").client("any").build();

        assertThatThrownBy(RulePolicy::of).hasMessageContaining("a policy without a rule refuses everyone");
        assertThatThrownBy(() -> RulePolicy.of(a, rule("b").client("any").build(), a))
                .hasMessage("two rules are called \"a\"; give one of them another name");
    }

    private static Rule lived(Duration lifetime, Duration longest) {
        return rule("a").client("any").lifetime(lifetime).longest(longest).build();
    }

    private static RuleBuilder rule(String name) {
        return Rule.builder(name);
    }

    private static Decision decide(Rule rule, Request request) {
        return RulePolicy.of(rule).decide(ALICE, request);
    }

    private static Granted granted(Decision decision) {
        assertThat(decision).isInstanceOf(Granted.class);
        return (Granted) decision;
    }

    private static Refused refused(Decision decision) {
        assertThat(decision).isInstanceOf(Refused.class);
        return (Refused) decision;
    }

    private static Request open() {
        return new Request(HERE, false, Set.of("ssh", "web"), false, Optional.empty(), MONDAY_NOON);
    }

    private static Request asking(String... services) {
        return new Request(HERE, false, Set.of(services), true, Optional.empty(), MONDAY_NOON);
    }

    private static Request lasting(Duration lifetime) {
        return new Request(HERE, false, Set.of("ssh"), true, Optional.of(lifetime), MONDAY_NOON);
    }

    private static Request guest(String address) {
        return new Request(address(address), true, Set.of("ssh"), true, Optional.empty(), MONDAY_NOON);
    }

    private static Request at(String instant) {
        return new Request(HERE, false, Set.of("ssh"), true, Optional.empty(), Instant.parse(instant));
    }

    private static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
