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

    private final Deadlines<String> deadlines =
            new Deadlines<>(() -> now, Map.of(Lane.KNOCK, Duration.ofNanos(10), Lane.QUIET, Duration.ofNanos(3)));

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
        assertThat(deadlines.untilNext()).isEmpty();
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
        assertThat(deadlines.oldest(Lane.KNOCK)).contains("a");

        deadlines.cancelAll("a");
        assertThat(deadlines.oldest(Lane.KNOCK)).contains("b");
        now += 10;
        assertThat(expired()).containsExactly("KNOCK b");
    }

    private List<String> expired() {
        List<String> expired = new ArrayList<>();
        deadlines.expire((lane, who) -> expired.add(lane + " " + who));
        return expired;
    }
}
