package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final int NETWORKS = 250;
    private static final Source CLIENT = Crowds.provider(100_000);

    private final Turns<String> turns = new Turns<>(Level.PROVIDER);

    @Test
    void letsEachStepOfAKnockPassThoseWhoSendAllTheTime() {
        floodUntilNobodyIsNew();

        for (int step = 0; step < Turns.EARLY; step++) {
            turns.add(CLIENT, "step" + step);

            // By turns with the others, so one of them may come first.
            assertThat(poll(2)).contains("step" + step);
        }
    }

    @Test
    void letsWhoGoesOnSendingWaitForTheOthers() {
        floodUntilNobodyIsNew();
        for (int step = 0; step < Turns.EARLY; step++) {
            turns.add(CLIENT, "step" + step);
            poll(2);
        }

        turns.add(CLIENT, "one more");

        assertThat(poll(NETWORKS - 2 * Turns.EARLY)).doesNotContain("one more");
        assertThat(poll(2 * Turns.EARLY + 1)).contains("one more");
    }

    @Test
    void givesNoEarlyTurnToWhoComesAgainInEachRound() {
        floodUntilNobodyIsNew();
        for (int round = 0; round < 10; round++) {
            turns.add(CLIENT, "knock" + round);
            poll(NETWORKS / 2);
        }

        turns.add(CLIENT, "again");

        assertThat(poll(NETWORKS / 2)).doesNotContain("again");
    }

    @Test
    void takesWhoWantedNothingForARoundForANewcomer() {
        floodUntilNobodyIsNew();
        for (int step = 0; step <= Turns.EARLY; step++) {
            turns.add(CLIENT, "step" + step);
        }
        // All of that, and then a round without it.
        poll(3 * NETWORKS);

        turns.add(CLIENT, "again");

        assertThat(poll(2)).contains("again");
    }

    @Test
    void lockNobodyOutForNewcomers() {
        flood(1, 100);
        poll(Turns.EARLY);
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            turns.add(Crowds.provider(NETWORKS + i), "new" + i);
            turns.add(Crowds.provider(2 * NETWORKS + i), "newer" + i);
            taken.addAll(poll(2));
        }

        assertThat(taken).filteredOn(work -> work.startsWith("flood")).hasSizeGreaterThan(Turns.EARLY);
    }

    @Test
    void givesOneWhoSendsAllTheTimeNoMoreThanEachOfManyNewcomers() {
        flood(1, 100);
        poll(Turns.EARLY);
        for (int i = 0; i < NETWORKS; i++) {
            turns.add(Crowds.provider(NETWORKS + i), "new" + i);
        }

        assertThat(poll(NETWORKS)).filteredOn(work -> work.startsWith("flood")).hasSizeLessThan(2 * Turns.EARLY);
    }

    @Test
    void remembersNobodyForLong() {
        flood(1, 10);
        for (int i = 0; i < 10_000; i++) {
            turns.add(Crowds.provider(NETWORKS + i), "passing" + i);
            turns.add(Crowds.provider(0), "more" + i);
            poll(2);
        }
        assertThat(turns.known()).isLessThan(20);

        poll(10);
        assertThat(turns.isEmpty()).isTrue();
        assertThat(turns.known()).isZero();
    }

    @Test
    void remembersNoneOfManyNewcomersForLong() {
        for (int i = 0; i < 10; i++) {
            turns.add(Crowds.provider(i), "waits" + i);
        }
        for (int i = 10; i < 10_000; i++) {
            turns.add(Crowds.provider(i), "passing" + i);
            poll(1);
        }

        assertThat(turns.known()).isLessThan(3 * 10);
    }

    private void floodUntilNobodyIsNew() {
        flood(NETWORKS, 40);
        poll(2 * NETWORKS * Turns.EARLY);
    }

    @Test
    void losesNothingThatWaitsWhenMemoryRunsOutWhileMoreIsAdded() {
        Turns<Object> objects = new Turns<>(Level.PROVIDER);
        Object starved = new Object() {
            @Override
            public int hashCode() {
                throw new OutOfMemoryError("for a test");
            }
        };
        objects.add(CLIENT, "first");
        for (Source source : List.of(CLIENT, Crowds.provider(0))) {
            assertThatThrownBy(() -> objects.add(source, starved)).isInstanceOf(OutOfMemoryError.class);
        }
        objects.add(Crowds.provider(0), "second");
        objects.add(CLIENT, "third");

        assertThat(List.of(objects.poll(), objects.poll(), objects.poll())).containsExactly("first", "second", "third");
        assertThat(objects.isEmpty()).isTrue();
        assertThat(objects.known()).isZero();
    }

    /** As much from each of these networks. */
    private void flood(int networks, int each) {
        for (int i = 0; i < each; i++) {
            for (int network = 0; network < networks; network++) {
                turns.add(Crowds.provider(network), "flood" + network + "." + i);
            }
        }
    }

    private List<String> poll(int count) {
        return IntStream.range(0, count).mapToObj(i -> turns.poll()).toList();
    }
}
