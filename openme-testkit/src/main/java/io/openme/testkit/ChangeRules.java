package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapters 2 and 3: what an install and a batch of changes do. */
abstract class ChangeRules extends ProviderRules {
    @Test
    @DisplayName("§2.1 installs exactly the openings that it is given")
    void installsExactlyWhatItIsGiven() {
        Firewall firewall = firewall();

        firewall.install(List.of(open(0, SSH), open(0, web()), open(2, SSH)));

        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(0, web()), opening(2, SSH));
    }

    @Test
    @DisplayName("§2.2 removes by an install the openings that are not in it")
    void removesWhatIsNotInTheInstall() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(0, SSH), open(3, web())));

        firewall.install(List.of(open(0, SSH), open(1, SSH)));

        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(1, SSH));
    }

    @Test
    @DisplayName("§2.3 replaces by an install what an earlier run of this owner left, whatever its services were")
    void replacesWhatAnEarlierRunLeft() {
        state();
        Service old = Service.of("old", "2050-2060/tcp");
        firewall(context(OWNER, List.of(old, SSH), Map.of(), OnClose.KEEP_GUARD))
                .install(List.of(open(0, old), open(1, SSH)));
        Firewall firewall = firewall();

        firewall.install(List.of(open(0, SSH)));

        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
        String replaced = state();
        host().clear();
        firewall().install(List.of(open(0, SSH)));
        assertThat(state()).as("as on a host that had nothing").isEqualTo(replaced);
    }

    @Test
    @DisplayName("§2.4 leaves the same by installing the same again")
    void installsTheSameAgain() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(0, SSH), open(2, web())));
        String before = host().state().orElse("");

        firewall.install(List.of(open(0, SSH), open(2, web())));

        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(2, web()));
        assertThat(host().state().orElse("")).isEqualTo(before);
    }

    @Test
    @DisplayName("§2.5 leaves by a refused install what was there (ATOMIC)")
    void leavesWhatWasThereWhenAnInstallIsRefused() {
        Firewall firewall = cramped();
        firewall.install(List.of(open(0, SSH)));
        String before = host().state().orElse("");

        fails(Reason.REJECTED, () -> firewall.install(List.of(open(0, web()), open(0, ADMIN), open(1, ADMIN))));

        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
        assertThat(host().state().orElse("")).isEqualTo(before);
    }

    @Test
    @DisplayName("§2.6 previews the very input that an install hands to the host")
    void previewsWhatIsExecuted() {
        Firewall firewall = firewall();
        // Time passes between the two, and what would be left of an hour with it.
        List<Change.Open> openings = List.of(open(0, SSH, FOR_EVER), open(2, web(), FOR_EVER));
        String preview = firewall.preview(openings);

        firewall.install(openings);

        assertThat(host().latestInput()
                        .orElseGet(() -> abort("what " + provider().name() + " hands to the host can't be seen")))
                .isEqualTo(preview);
    }

    @Test
    @DisplayName("§2.7 names every source in a preview")
    void namesEverySourceInAPreview() {
        assertThat(firewall().preview(List.of(open(0, SSH), open(1, web()))))
                .contains(source(0).getHostAddress(), source(1).getHostAddress());
    }

    @Test
    @DisplayName("§2.8 gives by an install each opening its lifetime anew (KERNEL_EXPIRY)")
    void givesLifetimesByAnInstall() {
        Firewall firewall = firewall();
        needs(firewall, Capability.KERNEL_EXPIRY);
        firewall.install(List.of(open(0, SSH, LONG), open(1, SSH, LONG)));

        firewall.install(List.of(open(0, SSH, LONG), open(1, SSH, SHORT)));

        within(
                SHORT.plus(SLACK),
                "the second is over",
                () -> !firewall.openings().contains(opening(1, SSH)));
        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
    }

    @Test
    @DisplayName("§3.1 opens and closes what it is told, and nothing else")
    void opensAndCloses() {
        Firewall firewall = installed(SSH, web());
        firewall.apply(List.of(open(0, SSH), open(1, SSH), open(0, web()), open(2, SSH), open(3, web())));
        assertThat(firewall.openings())
                .containsExactlyInAnyOrder(
                        opening(0, SSH), opening(1, SSH), opening(0, web()), opening(2, SSH), opening(3, web()));

        firewall.apply(List.of(close(0, SSH), close(3, web())));

        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(1, SSH), opening(0, web()), opening(2, SSH));
    }

    @Test
    @DisplayName("§3.2 applies changes in their order")
    void appliesChangesInTheirOrder() {
        Firewall firewall = installed(SSH, web());

        firewall.apply(List.of(
                open(0, SSH),
                close(0, SSH),
                open(0, SSH), //
                open(1, SSH),
                close(1, SSH),
                close(2, web()),
                open(2, web())));

        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(2, web()));
    }

    @Test
    @DisplayName("§3.3 changes nothing by closing what is not open")
    void closesWhatIsNotOpen() {
        Firewall firewall = installed(SSH, web());
        firewall.apply(List.of(open(0, SSH)));

        firewall.apply(List.of(close(1, SSH), close(0, web()), close(2, SSH)));

        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
    }

    @Test
    @DisplayName("§3.4 changes nothing by an empty batch")
    void appliesAnEmptyBatch() {
        Firewall firewall = installed(SSH);
        firewall.apply(List.of(open(0, SSH)));

        firewall.apply(List.of());

        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
    }

    @Test
    @DisplayName("§3.5 ends an opening at the end of its lifetime, and not before (KERNEL_EXPIRY)")
    void endsAnOpeningInTime() {
        Firewall firewall = installed(SSH);
        needs(firewall, Capability.KERNEL_EXPIRY);
        long before = now();
        firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT), open(1, SSH, LONG)));

        within(SHORT.plus(SLACK), "both are over", () -> firewall.openings().size() == 1);

        assertThat(since(before)).isGreaterThan(SHORT.minusMillis(100));
        assertThat(firewall.openings()).containsExactly(opening(1, SSH));
    }

    @Test
    @DisplayName("§3.6 gives an opening that is there a longer lifetime in place of its own (KERNEL_EXPIRY)")
    void prolongs() {
        Firewall firewall = installed(SSH);
        needs(firewall, Capability.KERNEL_EXPIRY);
        // The one without a renewal tells when the time of the others would have been over.
        firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT), open(1, SSH, SHORT)));

        firewall.apply(List.of(open(0, SSH, LONG), open(2, SSH, LONG)));

        within(
                SHORT.plus(SLACK),
                "the third is over",
                () -> !firewall.openings().contains(opening(1, SSH)));
        assertThat(firewall.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(2, SSH));
    }

    @Test
    @DisplayName("§3.7 gives an opening that is there the same lifetime anew (KERNEL_EXPIRY)")
    void givesTheSameLifetimeAnew() {
        Firewall firewall = installed(SSH);
        needs(firewall, Capability.KERNEL_EXPIRY);
        long start = now();

        while (since(start).compareTo(SHORT.multipliedBy(2)) < 0) {
            long called = now();
            firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT)));
            host().pass(SHORT.dividedBy(4));
            Set<Opening> openings = firewall.openings();
            // On a busy machine the answer may come too late to tell anything.
            if (since(called).compareTo(SHORT.minusMillis(100)) < 0) {
                assertThat(openings).containsExactlyInAnyOrder(opening(0, SSH), opening(2, SSH));
            }
        }
    }

    @Test
    @DisplayName("§3.8 gives an opening that is there a shorter lifetime in place of its own (KERNEL_EXPIRY)")
    void shortens() {
        Firewall firewall = installed(SSH);
        needs(firewall, Capability.KERNEL_EXPIRY);
        firewall.apply(List.of(open(0, SSH, LONG), open(2, SSH, LONG)));

        firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT)));

        within(SHORT.plus(SLACK), "both are over", () -> firewall.openings().isEmpty());
    }

    @Test
    @DisplayName("§3.9 takes the shortest and the longest lifetime, and makes neither endless nor none of it")
    void takesExtremeLifetimes() {
        Firewall firewall = installed(SSH);

        firewall.apply(List.of(
                open(0, SSH, Duration.ofNanos(1)), open(1, SSH, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))));

        if (firewall.capabilities().contains(Capability.KERNEL_EXPIRY)) {
            within(SLACK, "the first is over", () -> !firewall.openings().contains(opening(0, SSH)));
        }
        assertThat(firewall.openings()).contains(opening(1, SSH));
    }

    @Test
    @DisplayName("§3.10 applies nothing of a batch that is refused (ATOMIC)")
    void appliesNothingOfARefusedBatch() {
        Firewall firewall = cramped();
        firewall.install(List.of(open(0, SSH)));

        fails(
                Reason.REJECTED,
                () -> firewall.apply(List.of(
                        close(0, SSH),
                        open(2, web()),
                        open(0, web()),
                        open(1, web()),
                        open(0, ADMIN),
                        open(2, ADMIN))));

        assertThat(firewall.openings()).containsExactly(opening(0, SSH));
    }

    @Test
    @DisplayName("§3.11 refuses the whole batch if it names a service that is not guarded")
    void refusesAServiceThatIsNotGuarded() {
        Firewall firewall = installed(SSH);
        Change.Open stray = new Change.Open(new Opening(source(0), "telnet"), LONG);

        assertThatThrownBy(() -> firewall.apply(List.of(open(0, SSH), stray)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("telnet");
        assertThatThrownBy(() -> firewall.install(List.of(open(0, SSH), stray)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(firewall.openings()).isEmpty();
    }

    /** A firewall whose host refuses a second opening of a service. */
    private Firewall cramped() {
        Firewall firewall = firewall(context(failing(Reason.REJECTED)));
        needs(firewall, Capability.ATOMIC);
        return firewall;
    }
}
