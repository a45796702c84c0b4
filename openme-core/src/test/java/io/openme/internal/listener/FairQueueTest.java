package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.net.Source;
import io.openme.protocol.IpLiteral;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FairQueueTest {
    private final FairQueue<String> queue = new FairQueue<>();

    @Test
    void servesEachHostInItsTurn() throws InterruptedException {
        add(1, "a1", "a2", "a3");
        add(2, "b1");
        add(3, "c1", "c2");

        assertThat(take(6)).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    }

    @Test
    void letsANewcomerWaitForOneTurnOfEachOtherHostWhateverTheirNumber() throws InterruptedException {
        for (int i = 0; i < 1000; i++) {
            add(1, "a" + i);
            add(2, "b" + i);
        }
        add(3, "honest");

        assertThat(take(3)).containsExactly("a0", "b0", "honest");
    }

    @Test
    void letsANewcomerWaitForOneTurnOfASiteWhateverTheNumberOfItsHosts() throws InterruptedException {
        for (int i = 0; i < 16_384; i++) {
            queue.add(Crowds.hostOfASite(i), "a" + i, false);
            queue.add(Crowds.siteOfAProvider(i), "b" + i, false);
        }
        add(3, "honest");

        assertThat(take(3)).containsExactly("a0", "b0", "honest");
    }

    @Test
    void letsTheSitesOfAProviderTakeTurnsAndThenTheHostsOfASite() throws InterruptedException {
        for (int i = 0; i < 1000; i++) {
            queue.add(Crowds.hostOfASite(i), "flood" + i, false);
        }
        // The same /32, but another /48.
        queue.add(neighbour(), "honest", false);
        queue.add(Crowds.hostOfASite(0), "late", false);

        assertThat(take(3)).containsExactly("flood0", "honest", "flood1");
        assertThat(take(999)).startsWith("flood2").endsWith("late");
    }

    @Test
    void letsNobodyWaitTwiceWithTheSame() throws InterruptedException {
        add(1, "a1", "a1", "a2");

        assertThat(take(2)).containsExactly("a1", "a2");
    }

    @Test
    void takesWhatHasBegunFirst() throws InterruptedException {
        add(1, "new");
        queue.add(Crowds.provider(2), "begun", true);

        assertThat(take(2)).containsExactly("begun", "new");
    }

    @Test
    void lockNoNewOneOutForWhatHasBegun() throws InterruptedException {
        add(1, "new");
        for (int i = 0; i < 100; i++) {
            queue.add(Crowds.provider(2), "begun" + i, true);
        }

        List<String> taken = take(101);
        assertThat(taken.indexOf("new")).isEqualTo(FairQueue.STARTED_IN_A_ROW);
    }

    @Test
    void forgetsWhatIsRemoved() throws InterruptedException {
        add(1, "a1", "a2");
        add(2, "b1");
        queue.remove(Crowds.provider(1), "a1");
        queue.remove(Crowds.provider(2), "b1");
        queue.remove(Crowds.provider(3), "never there");
        add(2, "b2");

        assertThat(take(2)).containsExactly("a2", "b2");
    }

    @Test
    void letsItsTakersGoWhenClosed() throws InterruptedException {
        List<Boolean> empty = new ArrayList<>();
        Thread taker = new Thread(() -> {
            try {
                empty.add(queue.take(() -> {}).isEmpty());
            } catch (InterruptedException e) {
                empty.add(false);
            }
        });
        taker.start();
        queue.close();
        taker.join();

        assertThat(empty).containsExactly(true);
    }

    private void add(int host, String... works) {
        for (String work : works) {
            queue.add(Crowds.provider(host), work, false);
        }
    }

    private static Source neighbour() {
        return Source.of(IpLiteral.parse("2001:db8:600d::1").orElseThrow());
    }

    private List<String> take(int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(queue.take(() -> {}).orElseThrow());
        }
        return taken;
    }
}
