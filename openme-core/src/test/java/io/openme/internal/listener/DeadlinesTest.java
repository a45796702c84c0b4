package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.listener.Deadlines.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    // Near the overflow of the clock, which System.nanoTime may be as well.
    private long now = Long.MAX_VALUE - 4;

    private final Deadlines<String> deadlines = new Deadlines<>(
            () -> now,
            Map.of(
                    Lane.KNOCK,
                    Duration.ofNanos(10),
                    Lane.QUIET,
                    Duration.ofNanos(3),
                    Lane.ANSWER,
                    Duration.ofNanos(50),
                    Lane.DRAIN,
                    Duration.ofNanos(1000),
                    Lane.LOST,
                    Duration.ofNanos(1000)));

    @Test
    void reportsEachOnceAndNotBeforeItsTime() {
        deadlines.start(Lane.KNOCK, "a");
        now += 4;
        deadlines.start(Lane.KNOCK, "b");
        deadlines.start(Lane.QUIET, "b");

        assertThat(deadlines.untilNext()).isEqualTo(OptionalLong.of(3));
        now += 3;
        assertThat(expired()).containsExactly("QUIET b");
        now += 2;
        assertThat(expired()).isEmpty();
        now += 1;
        assertThat(expired()).containsExactly("KNOCK a");
        now += 100;
        assertThat(deadlines.untilNext()).isEqualTo(OptionalLong.of(0));
        assertThat(expired()).containsExactly("KNOCK b");
        now += 1000;
        assertThat(expired()).containsExactly("LOST a", "LOST b");
        assertThat(deadlines.untilNext()).isEmpty();
    }

    @Test
    void givesNoMoreTimeToEndToWhomAnotherThreadHasGivenSomethingElseToDoMeanwhile() {
        deadlines.start(Lane.KNOCK, "a");
        now += 10;
        // As a worker does that takes in the command just when the time for it is over.
        deadlines.expire((lane, who) -> deadlines.replace(Lane.ANSWER, who));
        assertThat(deadlines.untilNext()).isEqualTo(OptionalLong.of(50));

        now += 50;
        deadlines.expire((lane, who) -> {
            assertThat(lane).isEqualTo(Lane.ANSWER);
            deadlines.cancelAll(who);
        });
        assertThat(deadlines.untilNext()).isEmpty();
    }

    @Test
    void replacesAllDeadlinesByOne() {
        deadlines.start(Lane.KNOCK, "a");
        deadlines.start(Lane.QUIET, "a");
        deadlines.replace(Lane.ANSWER, "a");
        now += 50;

        List<Lane> over = new ArrayList<>();
        deadlines.expire((lane, who) -> {
            over.add(lane);
            deadlines.cancelAll(who);
        });
        assertThat(over).containsExactly(Lane.ANSWER);
    }

    @Test
    void countsAnewWhenItIsSetAnew() {
        deadlines.start(Lane.QUIET, "a");
        now += 2;
        deadlines.start(Lane.QUIET, "a");
        now += 2;
        assertThat(expired()).isEmpty();
        now += 1;
        assertThat(expired()).containsExactly("QUIET a");
    }

    @Test
    void forgetsWhatIsCancelled() {
        deadlines.start(Lane.KNOCK, "a");
        deadlines.start(Lane.QUIET, "a");
        deadlines.start(Lane.KNOCK, "b");

        deadlines.cancelAll("a");
        now += 10;
        assertThat(expired()).containsExactly("KNOCK b");
    }

    @Test
    void takesOutTheHeaviestOfThoseWhoHaveWaitedLongest() {
        for (String who : new String[] {"a", "bbb", "cc", "ddd", "eeee"}) {
            deadlines.start(Lane.KNOCK, who);
        }

        assertThat(deadlines.takeHeaviest(Lane.KNOCK, 4, String::length)).contains("bbb");
        assertThat(deadlines.takeHeaviest(Lane.KNOCK, 2, String::length)).contains("cc");
        assertThat(deadlines.takeHeaviest(Lane.KNOCK, 100, String::length)).contains("eeee");
        assertThat(deadlines.takeHeaviest(Lane.QUIET, 100, String::length)).isEmpty();
    }

    @Test
    void takesOutWhoHasWaitedLongest() {
        deadlines.start(Lane.KNOCK, "a");
        deadlines.start(Lane.KNOCK, "b");

        assertThat(deadlines.takeOldest(Lane.KNOCK)).contains("a");
        assertThat(deadlines.takeOldest(Lane.KNOCK)).contains("b");
        assertThat(deadlines.takeOldest(Lane.KNOCK)).isEmpty();
    }

    private List<String> expired() {
        List<String> expired = new ArrayList<>();
        deadlines.expire((lane, who) -> expired.add(lane + " " + who));
        return expired;
    }
}
