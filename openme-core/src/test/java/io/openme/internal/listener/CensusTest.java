package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.listener.Crowd.Standing;
import io.openme.internal.net.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CensusTest {
    private static final Source NAT = Crowds.provider(1);

    private final Census<String> census = new Census<>(Limits.defaults());

    @Test
    void takesInAsManyOfASiteAsOfSixteenHostsWhateverItsHosts() {
        for (int i = 0; i < 5000; i++) {
            come(Crowds.hostOfASite(i), "hostile" + i);
        }
        assertThat(census.size()).isEqualTo(16 * 64);
        // Its own had to go, the oldest first.
        assertThat(census.present()).contains("hostile4999").doesNotContain("hostile0");
    }

    @Test
    void takesInAsManyOfAProviderAsOfSixtyFourHostsWhateverItsSites() {
        for (int i = 0; i < 5000; i++) {
            come(Crowds.siteOfAProvider(i), "hostile" + i);
        }
        assertThat(census.size()).isEqualTo(64 * 64);
    }

    @Test
    void makesRoomWithinAFullHostByTheOldestThatHasFailedAndThenByTheOldestStranger() {
        for (int i = 0; i < 64; i++) {
            come(NAT, "idle" + i);
        }
        come(Crowds.provider(2), "elsewhere");
        census.place("idle7", Standing.FAILED);
        census.place("idle5", Standing.FAILED);
        census.place("idle0", Standing.HEARD);

        assertThat(census.inTheWayOf(NAT)).contains("idle7");
        assertThat(census.inTheWayOf(NAT)).contains("idle5");
        assertThat(census.inTheWayOf(NAT)).contains("idle1");
        assertThat(census.size()).isEqualTo(65);
    }

    @Test
    void asksNobodyWhoHasGivenACommandToGo() {
        for (int i = 0; i < 64; i++) {
            come(NAT, "heard" + i);
            census.place("heard" + i, Standing.HEARD);
        }
        come(Crowds.provider(2), "elsewhere");

        assertThat(census.hasRoom(NAT)).isFalse();
        assertThat(census.hasEnoughFrom(NAT)).isTrue();
        assertThat(census.inTheWayOf(NAT)).isEmpty();
    }

    @Test
    void keepsWhoHasSentAClientHelloFromAFloodOfThoseWhoSayNothing() {
        fill("silent");
        for (int i = 0; i < 100; i++) {
            goFor(Crowds.provider(20_000 + i), "greeted" + i);
            census.place("greeted" + i, Standing.GREETED);
        }

        for (int i = 0; i < 20_000; i++) {
            goFor(Crowds.provider(30_000 + i), "flood" + i);
        }

        assertThat(census.present()).contains("greeted0", "greeted99").doesNotContain("silent500", "flood0");
    }

    @Test
    void keepsNewcomersFromAFloodOfClientHellos() {
        fill("greeted");
        census.present().forEach(who -> census.place(who, Standing.GREETED));
        goFor(Crowds.provider(20_000), "newcomer");

        for (int i = 0; i < 20_000; i++) {
            goFor(Crowds.provider(30_000 + i), "flood" + i);
            census.place("flood" + i, Standing.GREETED);
        }

        assertThat(census.present()).contains("newcomer").doesNotContain("greeted500", "flood0");
    }

    /** Everywhere, from as many providers, of which none is a crowd. */
    private void fill(String name) {
        for (int i = 0; census.size() < Limits.defaults().connections(); i++) {
            come(Crowds.provider(i), name + i);
        }
    }

    private void goFor(Source newcomer, String who) {
        census.leave(census.inTheWayOf(newcomer).orElseThrow());
        census.enter(newcomer, who);
    }

    @Test
    void makesRoomByTheLargestCrowdAndNotByTheOldest() {
        come(NAT, "honest");
        // Four providers fill everything, none of them beyond its own share.
        for (int i = 0; census.size() < Limits.defaults().connections(); i++) {
            come(
                    new Source(
                            Crowds.provider(10 + i % 4).provider(),
                            Crowds.siteOfAProvider(i).site(),
                            Crowds.hostOfASite(i).host()),
                    "hostile" + i);
        }
        List<String> gone = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            gone.add(census.inTheWayOf(Crowds.provider(2)).orElseThrow());
            census.leave(gone.get(i));
            census.enter(Crowds.provider(10 + i % 4), "again" + i);
        }
        assertThat(gone).hasSize(20_000).doesNotContain("honest");
    }

    @Test
    void makesRoomByTheOldestWhereNobodyIsACrowd() {
        for (int i = 0; census.size() < Limits.defaults().connections() - 5; i++) {
            come(Crowds.provider(100 + i), "lone" + i);
        }
        for (int i = 0; i < 5; i++) {
            come(NAT, "busy" + i);
        }
        assertThat(census.inTheWayOf(Crowds.provider(2))).contains("lone0");
        assertThat(census.inTheWayOf(Crowds.provider(2))).contains("lone1");
    }

    @Test
    void doesNotLetOneCustomerOfASitePushOutTheOther() {
        come(Crowds.hostOfASite(0xffff), "honest");
        // The 256 hosts of a /56, as many access providers give it to each customer.
        for (int i = 0; i < 10_000; i++) {
            come(Crowds.hostOfASite(i % 256), "hostile" + i);
        }
        assertThat(census.present()).contains("honest").hasSize(16 * 64);
    }

    @Test
    void knowsACrowdWhereThereAreFewPlacesForAll() {
        Census<String> few = new Census<>(Limits.defaults().withConnections(512));
        few.enter(NAT, "honest");
        for (int i = 0; few.size() < 512; i++) {
            few.enter(Crowds.provider(10 + i % 4), "hostile" + i);
        }

        for (int i = 0; i < 400; i++) {
            String gone = few.inTheWayOf(Crowds.provider(2)).orElseThrow();
            assertThat(gone).startsWith("hostile");
            few.leave(gone);
        }
    }

    @Test
    void forgetsWhoLeaves() throws InterruptedException {
        come(NAT, "one");
        come(NAT, "two");
        census.leave("one");
        census.leave("one");
        census.place("one", Standing.SILENT);
        assertThat(census.size()).isEqualTo(1);
        assertThat(census.first()).contains("two");

        census.leave("two");
        census.awaitNobody(Duration.ofSeconds(1));
        assertThat(census.first()).isEmpty();
        assertThat(census.hasRoom(NAT)).isTrue();
    }

    /** As the listener lets somebody in. */
    private void come(Source source, String who) {
        while (!census.hasRoom(source)) {
            Optional<String> goes = census.inTheWayOf(source);
            assertThat(goes).isPresent();
            census.leave(goes.orElseThrow());
        }
        census.enter(source, who);
    }
}
