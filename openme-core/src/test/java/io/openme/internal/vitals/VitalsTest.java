package io.openme.internal.vitals;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class VitalsTest {
    private final List<String> told = new ArrayList<>();
    private final Vitals vitals = new Vitals(Duration.ofMinutes(2), told::add);

    @Test
    void blamesNobodyWhoComesRoundHoweverLittleThereIsToDo() {
        vitals.add("idle", Pulse::beat);
        ask(10 * Vitals.QUESTIONS);

        assertThat(told).isEmpty();
        assertThat(vitals.problem()).isEmpty();
    }

    @Test
    void saysOnceWhichThreadHasNotComeRoundForTooLong() {
        vitals.add("idle", Pulse::beat);
        vitals.add("stuck", pulse -> {});
        ask(Vitals.QUESTIONS);
        assertThat(told).isEmpty();
        assertThat(vitals.problem()).isEmpty();

        ask(5);
        assertThat(told).containsExactly("the thread stuck has not come round for PT2M");
        assertThat(vitals.problem()).isPresent();
    }

    @Test
    void forgivesWhoComesRoundAtTheLastQuestion() {
        Pulse slow = vitals.add("slow", pulse -> {});
        ask(Vitals.QUESTIONS);
        slow.beat();
        ask(Vitals.QUESTIONS);

        assertThat(told).isEmpty();
    }

    @Test
    void anExecutorThatTakesNothingOrWhoseTaskFailsHasNotComeRound() {
        vitals.addExecutor(
                "full",
                task -> {
                    throw new RejectedExecutionException("made up");
                },
                () -> {});
        Vitals other = new Vitals(Duration.ofMinutes(2), told::add);
        other.addExecutor("failing", Runnable::run, () -> {
            throw new OutOfMemoryError("made up");
        });
        ask(Vitals.QUESTIONS + 1);
        for (int i = 0; i <= Vitals.QUESTIONS; i++) {
            other.check();
        }

        assertThat(told)
                .containsExactly(
                        "the thread full has not come round for PT2M",
                        "the thread failing has not come round for PT2M");
    }

    @Test
    void saysAtOnceThatAThreadHasDied() {
        vitals.add("idle", Pulse::beat);
        vitals.died(new Thread("openme-worker-1"), new OutOfMemoryError("made up"));
        ask(1);

        assertThat(told).containsExactly("the thread openme-worker-1 has died of java.lang.OutOfMemoryError: made up");
    }

    @Test
    void rememberingADeathTakesNoMemoryAndTheWordsComeOnceThereIsSome() {
        AtomicInteger calls = new AtomicInteger();
        vitals.died(new Thread("openme-worker-1"), new Throwable() {
            @Override
            public String getMessage() {
                if (calls.incrementAndGet() < 3) {
                    throw new OutOfMemoryError("made up");
                }
                return "hunger";
            }
        });
        assertThat(calls).as("words made by the one who dies").hasValue(0);
        ask(5);

        assertThat(told)
                .singleElement()
                .asString()
                .startsWith("the thread openme-worker-1 has died of ")
                .endsWith("hunger");
    }

    @Test
    void saysItUntilItIsHeard() {
        AtomicInteger calls = new AtomicInteger();
        Vitals starved = new Vitals(Duration.ofMinutes(2), problem -> {
            if (calls.incrementAndGet() < 3) {
                throw new OutOfMemoryError("made up");
            }
        });
        starved.died(new Thread("openme-worker-1"), new OutOfMemoryError("made up"));
        for (int i = 0; i < 10; i++) {
            starved.check();
        }

        assertThat(calls).hasValue(3);
    }

    private void ask(int times) {
        for (int i = 0; i < times; i++) {
            vitals.check();
        }
    }
}
