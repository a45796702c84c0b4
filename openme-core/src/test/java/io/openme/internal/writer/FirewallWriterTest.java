package io.openme.internal.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.Client;
import io.openme.firewall.InProcessFirewall;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.writer.FirewallWriter.Outcome;
import io.openme.internal.writer.FirewallWriter.Request;
import io.openme.internal.writer.FirewallWriter.Terms;
import io.openme.internal.writer.FirewallWriter.Verdict;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // What became of a knock shows in the firewall.
class FirewallWriterTest {
    private static final TestCa CA = TestCa.create();
    private static final Client ALICE = client("alice");
    private static final Client BOB = client("bob");
    private static final Opening HOME = opening("192.0.2.1");
    private static final Opening OFFICE = opening("192.0.2.2");

    private static final Terms TERMS = Terms.from(HOME.source());
    private static final Duration WATCH = Duration.ofMillis(500);

    private final ManualTime time = new ManualTime(Instant.parse("2026-11-23T08:00:00Z"));
    private final Host host = new Host();
    private final Heard heard = new Heard();
    private final List<Throwable> broken = new ArrayList<>();
    private final FirewallWriter writer =
            new FirewallWriter(host, new GrantTable(3), time.clock(), time, heard, WATCH, committed -> {}, broken::add);

    @BeforeEach
    void install() {
        writer.install();
    }

    @Test
    void beginsWithoutTheGrantOfAnEarlierRunThatEndedMeanwhile() {
        GrantTable taken = new GrantTable(3);
        GrantTable.Transaction transaction = taken.begin();
        transaction.open(new GrantTable.Wish(ALICE, List.of(HOME), time.now().plusSeconds(1)));
        transaction.open(new GrantTable.Wish(BOB, List.of(OFFICE), time.now().plusSeconds(60)));
        transaction.commit();
        List<Grant> forgotten = new ArrayList<>();
        FirewallWriter later = new FirewallWriter(
                host,
                taken,
                time.clock(),
                time,
                heard,
                WATCH,
                committed -> forgotten.addAll(committed.gone()),
                broken::add);

        time.advance(Duration.ofSeconds(1));
        later.install();

        assertThat(host.openings()).containsExactly(OFFICE);
        assertThat(forgotten).extracting(Grant::opening).containsExactly(HOME);
    }

    @Test
    void saysCommittedOnlyOnceTheFirewallHasIt() {
        CompletableFuture<Outcome> outcome = open(ALICE, HOME, 60);
        assertThat(outcome).isNotDone();
        time.runDue();
        assertThat(outcome).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
        assertThat(heard.lines).containsExactly("opened alice");
    }

    @Test
    void whatWaitsTogetherIsOneTransaction() {
        open(ALICE, HOME, 60);
        open(BOB, OFFICE, 60);
        open(BOB, HOME, 30);
        time.runDue();
        assertThat(host.transactions).isEqualTo(1);
        assertThat(host.openings()).containsExactlyInAnyOrder(HOME, OFFICE);
    }

    @Test
    void closesWhatHasEndedByItself() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.told.clear();
        time.advance(Duration.ofSeconds(59));
        assertThat(host.told).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(host.told).containsExactly(new Change.Close(HOME));
        assertThat(heard.lines).containsExactly("opened alice", "expired alice");
    }

    @Test
    void anOpeningStaysUntilTheLastGrantBehindItIsGone() {
        open(ALICE, HOME, 60);
        open(BOB, HOME, 120);
        time.runDue();
        host.told.clear();
        close(BOB, HOME);
        time.runDue();
        assertThat(host.told)
                .as("the rest of Alice's grant")
                .containsExactly(new Change.Open(HOME, Duration.ofSeconds(60)));
        close(ALICE, HOME);
        time.runDue();
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void committedMeansThereEvenIfSomebodyTookTheOpeningOfALongerGrantAway() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.inner.apply(List.of(new Change.Close(HOME)));
        CompletableFuture<Outcome> shorter = open(BOB, HOME, 30);
        time.runDue();
        assertThat(shorter).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
        assertThat(host.told).last().isEqualTo(new Change.Open(HOME, Duration.ofSeconds(60)));
    }

    @Test
    void remindsTheMemoryOfWhatItCouldNotWrite() {
        List<GrantTable.Committed> remembered = new ArrayList<>();
        FirewallWriter other = new FirewallWriter(
                host, new GrantTable(3), time.clock(), time, heard, WATCH, remembered::add, broken::add);
        other.install();
        remembered.clear();
        time.advance(WATCH);
        assertThat(remembered).containsExactly(GrantTable.Committed.NOTHING);
    }

    @Test
    void aClientCannotCloseWhatAnotherHolds() {
        open(ALICE, HOME, 60);
        CompletableFuture<Outcome> closed = close(BOB, HOME);
        time.runDue();
        assertThat(closed).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void refusesAClientThatWouldHoldTooMuchAndNobodyElse() {
        CompletableFuture<Outcome> tooMany = writer.submit(new Request.Open(
                ALICE,
                List.of(HOME, OFFICE, opening("192.0.2.3"), opening("192.0.2.4")),
                Duration.ofSeconds(60),
                TERMS));
        CompletableFuture<Outcome> fine = open(BOB, HOME, 60);
        time.runDue();
        assertThat(tooMany).isCompletedWithValue(Outcome.refused(Refusal.TOO_MANY_GRANTS));
        assertThat(fine).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void aFailedOpenLeavesNothingBehindOnceTheFirewallWorksAgain() {
        open(BOB, OFFICE, 60);
        time.runDue();
        // It says that it failed, but the change is there: the worst case of a command that was killed.
        host.failure = new FirewallException(Reason.TIMED_OUT, "no answer");
        host.appliesBeforeItFails = true;
        CompletableFuture<Outcome> failed = open(ALICE, HOME, 60);
        time.runDue();
        assertThat(failed).as("nobody knows yet").isNotDone();
        assertThat(host.openings()).contains(HOME);

        host.failure = null;
        time.advance(Duration.ofMillis(250));
        assertThat(failed).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).containsExactly(OFFICE);
        assertThat(heard.lines).containsExactly("opened bob", "troubled TIMED_OUT", "recovered 1");
    }

    @Test
    void refusesEverythingAtOnceWhileAnEarlierCommandMayDoItsWorkYetAndRepairsAsSoonAsItHasEnded() {
        open(BOB, OFFICE, 600);
        time.runDue();
        host.failure = new FirewallException(Reason.TIMED_OUT, "no answer");
        CompletableFuture<Outcome> first = open(ALICE, HOME, 60);
        time.runDue();
        host.failure = new FirewallException(Reason.BUSY, "it still runs");
        time.advance(Duration.ofMinutes(1));
        CompletableFuture<Outcome> second = open(BOB, HOME, 60);
        time.runDue();
        assertThat(first).as("it may come true yet").isNotDone();
        assertThat(second).isCompletedWithValue(Outcome.FIREWALL_FAILED);

        host.inner.apply(List.of(new Change.Open(HOME, Duration.ofSeconds(60))));
        host.failure = null;
        time.advance(Duration.ofMillis(250));
        assertThat(first).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).containsExactly(OFFICE);
        assertThat(heard.lines).containsExactly("opened bob", "troubled TIMED_OUT", "recovered 1");
        assertThat(heard.troubles).as("told once, however often it was asked").isEqualTo(2);
    }

    @Test
    void whatAnInstallAdmittedWhoseGuardWasRemovedAgainIsNotAnsweredBeforeItIsGone() {
        host.lost = true;
        host.failure = new FirewallException(Reason.STATE_LOST, "gone as soon as it was there");
        host.appliesBeforeItFails = true;
        CompletableFuture<Outcome> failed = open(ALICE, HOME, 60);
        time.runDue();
        assertThat(host.openings()).containsExactly(HOME);
        assertThat(failed).isNotDone();

        host.failure = null;
        time.advance(Duration.ofMillis(250));
        assertThat(failed).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void keepsTryingWithGrowingPausesWhileTheFirewallFails() {
        host.failure = new FirewallException(Reason.FAILED, "broken");
        open(ALICE, HOME, 600);
        time.runDue();
        int before = host.attempts;
        time.advance(Duration.ofMinutes(5));
        assertThat(host.attempts - before).isBetween(55, 70);
        host.failure = null;
        time.advance(Duration.ofSeconds(30));
        assertThat(heard.lines).last().isEqualTo("recovered 0");
    }

    @Test
    void whatEndsWhileTheFirewallFailsIsNotPutBack() {
        open(ALICE, HOME, 10);
        time.runDue();
        host.failure = new FirewallException(Reason.FAILED, "broken");
        time.advance(Duration.ofSeconds(20));
        host.failure = null;
        time.advance(Duration.ofSeconds(30));
        assertThat(host.openings()).isEmpty();
        assertThat(heard.lines).contains("expired alice");
    }

    @Test
    void putsEverythingBackWhenItsPartOfTheFirewallIsGone() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.inner.close();
        host.lost = true;
        CompletableFuture<Outcome> outcome = open(BOB, OFFICE, 60);
        time.runDue();
        assertThat(outcome).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactlyInAnyOrder(HOME, OFFICE);
        assertThat(heard.lines).containsExactly("opened alice", "restored 2", "opened bob");
    }

    @Test
    void noticesByItselfWhenSomebodyChangedTheFirewallAndPutsItBack() {
        open(ALICE, HOME, 60);
        time.runDue();
        time.advance(Duration.ofSeconds(10));
        host.inner.close();
        host.lost = true;
        host.told.clear();
        time.advance(WATCH);
        assertThat(host.openings()).containsExactly(HOME);
        assertThat(heard.lines).containsExactly("opened alice", "restored 1");
        time.advance(Duration.ofSeconds(50));
        assertThat(host.openings()).as("with the rest of its time, not anew").isEmpty();
    }

    @Test
    void keepsWatchingAfterALookThatFailed() {
        host.lookFails = true;
        time.advance(WATCH);
        host.lookFails = false;
        time.advance(Duration.ofSeconds(1));
        host.lost = true;
        time.advance(WATCH);
        assertThat(heard.lines).containsExactly("troubled FAILED", "recovered 0", "restored 0");
    }

    @Test
    void oneRefusedChangeDoesNotCostTheOthersTheirs() {
        host.refused = OFFICE;
        CompletableFuture<Outcome> refused = open(ALICE, OFFICE, 60);
        CompletableFuture<Outcome> fine = open(BOB, HOME, 60);
        time.runDue();
        assertThat(refused).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(fine).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void changesThatAreRefusedInALoopFillNoLog() {
        host.refused = OFFICE;
        for (int i = 0; i < 10 * Troubles.MOST; i++) {
            open(ALICE, OFFICE, 60);
            time.runDue();
        }
        assertThat(heard.troubles).isEqualTo(Troubles.MOST);

        time.advance(Troubles.WINDOW);
        open(ALICE, OFFICE, 60);
        time.runDue();
        assertThat(heard.troubles).isEqualTo(Troubles.MOST + 1);
    }

    @Test
    void whoKnocksInALoopAtAFirewallThatFailsFillsNoLog() {
        host.failure = new FirewallException(Reason.FAILED, "out of order");
        for (int i = 0; i < 10 * Troubles.MOST; i++) {
            open(ALICE, HOME, 60);
            time.runDue();
        }
        assertThat(heard.troubles).isEqualTo(Troubles.MOST);
    }

    @Test
    void aBackendThatThrowsSomethingElseCountsAsFailed() {
        host.fault = new IllegalStateException("a bug");
        CompletableFuture<Outcome> outcome = open(ALICE, HOME, 60);
        time.runDue();
        host.fault = null;
        time.advance(Duration.ofSeconds(1));
        assertThat(outcome).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).isEmpty();
        assertThat(heard.lines).containsExactly("troubled FAILED", "recovered 0");
    }

    @Test
    void whatTheHostRefusesToOneNeitherHoldsUpTheEndOfAnothersGrantNorCountsAsTrouble() {
        open(BOB, HOME, 10);
        time.runDue();
        host.refused = OFFICE;
        for (int second = 0; second < 10; second++) {
            open(ALICE, OFFICE, 60);
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(host.openings()).isEmpty();
        assertThat(heard.lines).contains("expired bob").doesNotContain("recovered 0");
    }

    @Test
    void aListenerThatFailsWithAnErrorChangesNothingOfWhatHasHappened() {
        heard.fails = true;
        CompletableFuture<Outcome> outcome = open(ALICE, HOME, 60);
        time.runDue();
        assertThat(outcome).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void setsTheTimersAnewThatAnErrorOfTheJvmKeptItFromSetting() {
        AtomicBoolean starved = new AtomicBoolean();
        Host own = new Host();
        FirewallWriter other = writer(own, time.clock(), starving(starved), committed -> {});
        other.install();
        other.submit(new Request.Open(BOB, List.of(OFFICE), Duration.ofSeconds(60), TERMS));
        time.runDue();
        starved.set(true);
        other.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofSeconds(10), TERMS));
        time.advance(WATCH);
        starved.set(false);
        own.lost = true;
        time.advance(Duration.ofSeconds(30));
        assertThat(own.lost).as("nothing wakes it any more").isTrue();
        assertThat(heard.lines).doesNotContain("expired alice");

        other.tend();
        time.runDue();
        assertThat(heard.lines).endsWith("expired alice");
        time.advance(WATCH);
        assertThat(own.lost).isFalse();
        assertThat(own.openings()).containsExactly(OFFICE);
    }

    @Test
    void whoseFailureCouldNotEvenBeToldHearsOfItOnceItIsTendedAndHoldsNothing() {
        AtomicBoolean starved = new AtomicBoolean();
        InstantSource now = () -> {
            if (starved.get()) {
                throw new OutOfMemoryError("made up");
            }
            return time.now();
        };
        FirewallWriter other = writer(host, now.withZone(ZoneOffset.UTC), time, committed -> {});
        other.install();
        starved.set(true);
        CompletableFuture<Outcome> outcome =
                other.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofSeconds(10), TERMS));
        time.runDue();
        starved.set(false);
        assertThat(outcome).isNotDone();

        other.tend();
        assertThat(outcome).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).isEmpty();
        assertThat(other.inOrder()).isTrue();
    }

    @Test
    void anErrorWhileGrantsAreEnteredLetsNobodyInAnyMore() {
        AtomicBoolean starved = new AtomicBoolean();
        FirewallWriter other = writer(host, time.clock(), time, committed -> {
            if (starved.get()) {
                throw new OutOfMemoryError("made up");
            }
        });
        other.install();
        other.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofSeconds(10), TERMS));
        time.runDue();
        starved.set(true);
        CompletableFuture<Outcome> struck =
                other.submit(new Request.Open(BOB, List.of(OFFICE), Duration.ofSeconds(10), TERMS));
        time.runDue();
        starved.set(false);
        time.advance(Duration.ofSeconds(5));

        assertThat(broken).hasSize(1).first().isInstanceOf(OutOfMemoryError.class);
        assertThat(host.openings()).isEmpty();
        assertThat(struck).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(other.inOrder()).isFalse();
        CompletableFuture<Outcome> later =
                other.submit(new Request.Open(BOB, List.of(OFFICE), Duration.ofSeconds(10), TERMS));
        time.advance(Duration.ofMinutes(1));
        assertThat(later).isCompletedWithValue(Outcome.FIREWALL_FAILED);
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void aCloseThatFailedIsTriedAgain() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.closeFails = true;
        assertThatThrownBy(writer::close).isInstanceOf(FirewallException.class);
        assertThat(host.openings()).containsExactly(HOME);
        host.closeFails = false;
        writer.close();
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void everyRequestAfterCloseIsAnswered() {
        writer.close();
        time.shutdown();
        for (int i = 0; i < 3; i++) {
            assertThat(open(BOB, OFFICE, 60)).isCompletedWithValue(Outcome.NOT_ACCEPTED);
        }
    }

    @Test
    void closingLeavesNoTimerBehind() {
        open(ALICE, HOME, 3600);
        time.runDue();
        writer.close();
        time.shutdown();
        assertThat(time.isTerminated()).isTrue();
    }

    @Test
    void afterCloseNothingIsAcceptedAndNothingIsOpen() {
        open(ALICE, HOME, 60);
        time.runDue();
        CompletableFuture<Outcome> waiting = open(BOB, OFFICE, 60);
        writer.close();
        writer.close();
        assertThat(waiting).isCompletedWithValue(Outcome.NOT_ACCEPTED);
        CompletableFuture<Outcome> late = open(BOB, OFFICE, 60);
        time.runDue();
        assertThat(late).isCompletedWithValue(Outcome.NOT_ACCEPTED);
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void takesAGrantFromItsClientAndNobodyElse() {
        open(ALICE, HOME, 60);
        open(BOB, OFFICE, 60);
        time.runDue();
        Grant alices = grant(ALICE, HOME, 60);

        CompletableFuture<Integer> revoked = writer.revise(Map.of(alices, new Verdict(Optional.empty(), "revoked")));
        time.runDue();

        assertThat(revoked).isCompletedWithValue(1);
        assertThat(host.openings()).containsExactly(OFFICE);
        assertThat(heard.lines).contains("revoked alice: revoked").doesNotContain("revoked bob: revoked");
    }

    @Test
    void whatIsToBeRevokedStaysDueUntilTheFirewallTakesIt() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.failure = new FirewallException(Reason.FAILED, "broken");
        Grant alices = grant(ALICE, HOME, 60);

        CompletableFuture<Integer> revoked = writer.revise(Map.of(alices, new Verdict(Optional.empty(), "revoked")));
        time.runDue();
        assertThat(revoked).isNotDone();
        assertThat(host.openings()).containsExactly(HOME);

        host.failure = null;
        time.advance(Duration.ofSeconds(1));
        assertThat(revoked).isCompletedWithValue(1);
        assertThat(host.openings()).isEmpty();
        assertThat(writer.inOrder()).isTrue();
    }

    @Test
    void aGrantThatChangedSinceItWasJudgedIsLeftAlone() {
        open(ALICE, HOME, 60);
        time.runDue();
        Grant before = grant(ALICE, HOME, 60);
        open(ALICE, HOME, 120);
        time.runDue();

        CompletableFuture<Integer> revoked = writer.revise(Map.of(before, new Verdict(Optional.empty(), "revoked")));
        time.runDue();

        assertThat(revoked).isCompletedWithValue(0);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void letsAGrantEndEarlier() {
        open(ALICE, HOME, 60);
        time.runDue();
        host.told.clear();

        writer.revise(Map.of(
                grant(ALICE, HOME, 60), new Verdict(Optional.of(time.now().plusSeconds(10)), "less")));
        time.runDue();
        assertThat(host.told).containsExactly(new Change.Open(HOME, Duration.ofSeconds(10)));

        time.advance(Duration.ofSeconds(10));
        assertThat(host.openings()).isEmpty();
        assertThat(heard.lines).containsExactly("opened alice", "expired alice");
    }

    @Test
    void movesAnOpeningInOneTransaction() {
        open(ALICE, HOME, 60);
        time.runDue();
        int before = host.transactions;

        CompletableFuture<Outcome> moved = writer.submit(new Request.Open(
                ALICE, List.of(OFFICE), Duration.ofMinutes(1), terms(OptionalInt.of(1), List.of(HOME), false, true)));
        time.runDue();

        assertThat(moved).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.transactions).isEqualTo(before + 1);
        assertThat(host.openings()).containsExactly(OFFICE);
        assertThat(heard.lines).containsExactly("opened alice", "opened alice", "closed alice");
    }

    @Test
    void refusesAClientThatWouldHoldTooManyAddresses() {
        Terms one = terms(OptionalInt.of(1), List.of(), false, true);
        open(ALICE, HOME, 60);
        time.runDue();

        CompletableFuture<Outcome> second =
                writer.submit(new Request.Open(ALICE, List.of(OFFICE), Duration.ofMinutes(1), one));
        CompletableFuture<Outcome> again =
                writer.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofMinutes(2), one));
        time.runDue();

        assertThat(second).isCompletedWithValue(Outcome.refused(Refusal.TOO_MANY_ADDRESSES));
        assertThat(again).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void renewsOnlyWhatIsHeld() {
        Terms renewing = terms(OptionalInt.empty(), List.of(), true, true);
        CompletableFuture<Outcome> nothing =
                writer.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofMinutes(1), renewing));
        time.runDue();
        assertThat(nothing).isCompletedWithValue(Outcome.refused(Refusal.NOT_HELD));
        assertThat(host.openings()).isEmpty();

        open(ALICE, HOME, 60);
        time.runDue();
        CompletableFuture<Outcome> held =
                writer.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofMinutes(2), renewing));
        time.runDue();
        assertThat(held).isCompletedWithValue(Outcome.COMMITTED);
        assertThat(heard.lines).containsExactly("opened alice", "renewed alice");
    }

    @Test
    void doesNothingForADecisionThatIsInForceNoLonger() {
        CompletableFuture<Outcome> outdated = writer.submit(new Request.Open(
                ALICE, List.of(HOME), Duration.ofMinutes(1), terms(OptionalInt.empty(), List.of(), false, false)));
        time.runDue();
        assertThat(outdated).isCompletedWithValue(Outcome.OUTDATED);
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void closesNothingByALeaveThatIsInForceNoLonger() {
        open(ALICE, HOME, 60);
        CompletableFuture<Outcome> outdated =
                writer.submit(new Request.Close(ALICE, HOME::equals, BOB, OFFICE.source(), () -> false));
        time.runDue();
        assertThat(outdated).isCompletedWithValue(Outcome.OUTDATED);
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void saysHowMuchItTold() {
        open(ALICE, HOME, 60);
        open(BOB, OFFICE, 60);
        time.runDue();
        assertThat(heard.applied).isEqualTo(2);
    }

    @Test
    void whatEndedWhileTheHostWasSuspendedIsClosedAtTheNextLook() {
        List<Duration> asleep = new ArrayList<>(List.of(Duration.ZERO));
        InstantSource source = () -> time.now().plus(asleep.get(asleep.size() - 1));
        FirewallWriter other = writer(host, source.withZone(ZoneOffset.UTC), time, committed -> {});
        other.install();
        other.submit(new Request.Open(ALICE, List.of(HOME), Duration.ofHours(1), TERMS));
        time.runDue();
        assertThat(host.openings()).containsExactly(HOME);

        asleep.add(Duration.ofHours(8));
        time.advance(WATCH);

        assertThat(heard.lines).containsExactly("opened alice", "expired alice");
    }

    private FirewallWriter writer(
            Host on, Clock clock, ScheduledExecutorService executor, Consumer<GrantTable.Committed> memory) {
        return new FirewallWriter(on, new GrantTable(3), clock, executor, heard, WATCH, memory, broken::add);
    }

    /** The test's time, which sets no timer while there is no memory for one. */
    private ScheduledExecutorService starving(AtomicBoolean starved) {
        return (ScheduledExecutorService) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (proxy, method, given) -> {
                    if (starved.get() && method.getName().equals("schedule")) {
                        throw new OutOfMemoryError("made up");
                    }
                    return method.invoke(time, given);
                });
    }

    private Grant grant(Client client, Opening opening, int seconds) {
        return new Grant(client, opening, time.now().plusSeconds(seconds), false);
    }

    private static Terms terms(OptionalInt mostAddresses, List<Opening> replaced, boolean onlyHeld, boolean current) {
        return new Terms(HOME.source(), Optional.empty(), false, mostAddresses, replaced, onlyHeld, () -> current);
    }

    private CompletableFuture<Outcome> open(Client client, Opening opening, int seconds) {
        return writer.submit(new Request.Open(client, List.of(opening), Duration.ofSeconds(seconds), TERMS));
    }

    private CompletableFuture<Outcome> close(Client client, Opening opening) {
        return writer.submit(new Request.Close(client, opening::equals, client, HOME.source(), () -> true));
    }

    private static Client client(String name) {
        return Client.of(CA.client(name).issue().certificate());
    }

    private static Opening opening(String address) {
        return new Opening(IpLiteral.parse(address).orElseThrow(), "ssh");
    }

    /** A real firewall, the in-process one, behind a host that can be told to fail. */
    private final class Host implements Firewall {
        private final InProcessFirewall inner = new InProcessFirewall(time.clock());
        private final List<Change> told = new ArrayList<>();
        private int transactions;
        private int attempts;
        private @Nullable FirewallException failure;
        private @Nullable RuntimeException fault;
        private @Nullable Opening refused;
        private boolean appliesBeforeItFails;
        private boolean lost;
        private boolean lookFails;
        private boolean closeFails;

        @Override
        public Set<Capability> capabilities() {
            return inner.capabilities();
        }

        @Override
        public void install(List<Change.Open> openings) {
            attempts++;
            if (failure == null || appliesBeforeItFails) {
                inner.install(openings);
            }
            failIfTold();
            lost = false;
        }

        @Override
        public void apply(List<? extends Change> changes) {
            attempts++;
            if (lost) {
                throw new FirewallException(Reason.STATE_LOST, "the table is gone");
            }
            if (changes.stream().anyMatch(c -> c.opening().equals(refused))) {
                throw new FirewallException(Reason.REJECTED, "no room");
            }
            if (failure == null || appliesBeforeItFails) {
                inner.apply(changes);
            }
            failIfTold();
            transactions++;
            told.addAll(changes);
        }

        @Override
        public Set<Opening> openings() {
            return inner.openings();
        }

        @Override
        public String preview(List<Change.Open> openings) {
            return inner.preview(openings);
        }

        @Override
        public boolean intact() {
            if (lookFails) {
                throw new FirewallException(Reason.FAILED, "can't look");
            }
            return !lost;
        }

        @Override
        public void uninstall() {
            inner.uninstall();
        }

        @Override
        public void close() {
            if (closeFails) {
                throw new FirewallException(Reason.FAILED, "busy");
            }
            inner.close();
        }

        private void failIfTold() {
            if (failure != null) {
                throw failure;
            }
            if (fault != null) {
                throw fault;
            }
        }
    }

    private static final class Heard implements FirewallWriter.Events {
        private final List<String> lines = new ArrayList<>();
        private int troubles;
        private int applied;
        private boolean fails;

        @Override
        public void opened(Request.Open request, Instant until, boolean renewal) {
            if (fails) {
                throw new AssertionError("a bug");
            }
            lines.add((renewal ? "renewed " : "opened ") + request.client().name());
        }

        @Override
        public void closed(Client client, List<Grant> grants, Client by, InetAddress peer) {
            lines.add("closed " + client.name());
        }

        @Override
        public void revoked(Grant grant, String reason) {
            lines.add("revoked " + grant.client().name() + ": " + reason);
        }

        @Override
        public void applied(int changes, boolean worked, Duration took) {
            applied += worked ? changes : 0;
        }

        @Override
        public void expired(List<Grant> grants) {
            grants.forEach(g -> lines.add("expired " + g.client().name()));
        }

        @Override
        public void troubled(FirewallException cause) {
            troubles++;
            if (lines.isEmpty() || !lines.get(lines.size() - 1).startsWith("troubled")) {
                lines.add("troubled " + cause.reason());
            }
        }

        @Override
        public void recovered(int openings) {
            lines.add("recovered " + openings);
        }

        @Override
        public void restored(int openings) {
            lines.add("restored " + openings);
        }
    }
}
