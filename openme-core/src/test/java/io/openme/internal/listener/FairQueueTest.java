package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FairQueueTest {
    private final FairQueue<String> queue = new FairQueue<>();

    @Test
    void servesEachPrefixInItsTurn() throws InterruptedException {
        add(1, "a1", "a2", "a3");
        add(2, "b1");
        add(3, "c1", "c2");

        assertThat(take(6)).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    }

    @Test
    void letsANewcomerWaitForOneTurnOfEachOtherPrefixWhateverTheirNumber() throws InterruptedException {
        for (int i = 0; i < 1000; i++) {
            add(1, "flood");
            add(2, "flood");
        }
        add(3, "honest");

        assertThat(take(3)).containsExactly("flood", "flood", "honest");
    }

    @Test
    void letsANewcomerWaitForOneTurnOfAProviderWhateverTheNumberOfItsPrefixes() throws InterruptedException {
        for (long network = 0; network < 50; network++) {
            for (long prefix = 0; prefix < 50; prefix++) {
                queue.add(new Prefix(true, 0x3fff0a00L << 32 | network << 16 | prefix), "flood", false);
            }
        }
        queue.add(new Prefix(true, 0x20010db8L << 32), "honest", false);

        assertThat(take(2)).containsExactly("flood", "honest");
    }

    @Test
    void letsNetworksOfOneProviderTakeTurnsAndAfterThatThePrefixesOfEach() throws InterruptedException {
        add(0x0a000101, "a1", "a2");
        add(0x0a000102, "b1");
        add(0x0a000201, "c1", "c2");

        assertThat(take(5)).containsExactly("a1", "c1", "b1", "c2", "a2");
    }

    @Test
    void letsWhoKnocksOnceGoBeforeFloodsThatHadTheirTurn() throws InterruptedException {
        for (int network = 0; network < 100; network++) {
            add(network << 16, "flood", "flood", "flood");
        }
        assertThat(take(150)).containsOnly("flood");
        add(200 << 16, "honest");

        assertThat(take(1)).containsExactly("honest");
        // Coming again in the same round is a flood, too: it waits for those that have not had their turn.
        add(200 << 16, "again");
        assertThat(take(49)).containsOnly("flood");
        assertThat(take(51)).contains("again");
    }

    @Test
    void locksNoFloodOutForEverNewNetworks() throws InterruptedException {
        add(1 << 16, "first", "old");
        assertThat(take(1)).containsExactly("first");
        for (int network = 2; network < 100; network++) {
            add(network << 16, "new");
        }

        assertThat(take(99).indexOf("old")).isEqualTo(Turns.NEWCOMERS_IN_A_ROW - 1);
    }

    @Test
    void takesWhatHasBegunFirst() throws InterruptedException {
        add(1, "new");
        queue.add(prefix(2), "begun", true);

        assertThat(take(2)).containsExactly("begun", "new");
    }

    @Test
    void lockNoNewOneOutForWhatHasBegun() throws InterruptedException {
        add(1, "new");
        for (int i = 0; i < 100; i++) {
            queue.add(prefix(2), "begun", true);
        }

        List<String> taken = take(101);
        assertThat(taken.indexOf("new")).isEqualTo(FairQueue.STARTED_IN_A_ROW);
    }

    @Test
    void forgetsWhatIsRemoved() throws InterruptedException {
        add(1, "a1", "a2");
        add(2, "b1");
        queue.remove(prefix(1), "a1");
        queue.remove(prefix(2), "b1");
        queue.remove(prefix(3), "never there");
        add(2, "b2");

        assertThat(take(2)).containsExactly("a2", "b2");
    }

    @Test
    void letsItsTakersGoWhenClosed() throws InterruptedException {
        List<Boolean> empty = new ArrayList<>();
        Thread taker = new Thread(() -> {
            try {
                empty.add(queue.take().isEmpty());
            } catch (InterruptedException e) {
                empty.add(false);
            }
        });
        taker.start();
        queue.close();
        taker.join();

        assertThat(empty).containsExactly(true);
    }

    private void add(int prefix, String... works) {
        for (String work : works) {
            queue.add(prefix(prefix), work, false);
        }
    }

    private List<String> take(int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(queue.take().orElseThrow());
        }
        return taken;
    }

    private static Prefix prefix(int bits) {
        return new Prefix(false, bits);
    }
}
