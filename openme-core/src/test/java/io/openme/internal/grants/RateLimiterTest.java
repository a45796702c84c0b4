package io.openme.internal.grants;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.Client;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimiterTest {
    private static final TestCa CA = TestCa.create();
    private static final Client ALICE = Client.of(CA.client("alice").issue().certificate());
    private static final Client BOB = Client.of(CA.client("bob").issue().certificate());
    private static final Rate THREE_A_MINUTE = new Rate(3, Duration.ofMinutes(1));

    private final ManualTime time = new ManualTime(Instant.parse("2026-11-23T08:00:00Z"));
    private final RateLimiter limiter = new RateLimiter(time.clock(), Optional.empty());

    @Test
    void letsAsManyThroughAtOnceAndSaysWhenThereIsAnother() {
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).isEmpty();
        }
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).contains(Duration.ofSeconds(20));
        time.advance(Duration.ofSeconds(19));
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).contains(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).isEmpty();
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).contains(Duration.ofSeconds(20));
    }

    @Test
    void anEmptyBucketIsFullAgainAfterItsTimeAndNeverFuller() {
        for (int i = 0; i < 3; i++) {
            limiter.take(ALICE, Optional.of(THREE_A_MINUTE));
        }
        time.advance(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).isEmpty();
        }
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).isPresent();
    }

    @Test
    void oneClientDoesNotPayForAnother() {
        for (int i = 0; i < 4; i++) {
            limiter.take(ALICE, Optional.of(THREE_A_MINUTE));
        }
        assertThat(limiter.take(BOB, Optional.of(THREE_A_MINUTE))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "7,1", "1000000,1", "999999,7", "3,86400"})
    void givesExactlyItsCountWhateverDoesNotDivide(int count, long seconds) {
        Rate rate = new Rate(count, Duration.ofSeconds(seconds));
        for (int i = 0; i < count; i++) {
            assertThat(limiter.take(ALICE, Optional.of(rate)).isEmpty()).isTrue();
        }
        assertThat(limiter.take(ALICE, Optional.of(rate))).isPresent();
    }

    @Test
    void forgetsNobodyWhoseBucketIsNotFull() {
        limiter.take(BOB, Optional.of(new Rate(1, Duration.ofDays(1))));
        for (int i = 0; i < 5000; i++) {
            time.advance(Duration.ofSeconds(1));
            limiter.take(ALICE, Optional.of(THREE_A_MINUTE));
        }
        assertThat(limiter.take(BOB, Optional.of(new Rate(1, Duration.ofDays(1)))))
                .isPresent();
    }

    @Test
    void aRateThatWasAMistakeIsForgottenWithIt() {
        limiter.take(ALICE, Optional.of(new Rate(1, Duration.ofDays(365))));
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).contains(Duration.ofSeconds(20));
        time.advance(Duration.ofSeconds(20));
        assertThat(limiter.take(ALICE, Optional.of(THREE_A_MINUTE))).isEmpty();
    }

    @Test
    void whoHasNoRateHasTheUsualOne() {
        RateLimiter usual = new RateLimiter(time.clock(), Optional.of(THREE_A_MINUTE));
        for (int i = 0; i < 3; i++) {
            assertThat(usual.take(ALICE, Optional.empty())).isEmpty();
        }
        assertThat(usual.take(ALICE, Optional.empty())).contains(Duration.ofSeconds(20));
        assertThat(usual.take(BOB, Optional.of(new Rate(1, Duration.ofDays(1)))))
                .isEmpty();
        assertThat(usual.take(BOB, Optional.of(new Rate(1, Duration.ofDays(1)))))
                .isPresent();
    }
}
