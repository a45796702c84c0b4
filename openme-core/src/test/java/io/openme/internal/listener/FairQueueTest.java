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
