package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Service;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapters 5 and 6: what a firewall leaves on the host, and whom it shares the host with. */
abstract class GuardRules extends StateRules {
    private static final String OTHER = "openme-other";

    @Test
    @DisplayName("§5.1 closes every opening when it is closed")
    void closesEveryOpeningWhenClosed() {
        Firewall firewall = firewall(OnClose.KEEP_GUARD);
        firewall.install(List.of(open(0, SSH)));
        firewall.apply(List.of(open(2, web())));

        firewall.close();

        if (host().state().isPresent()) {
            assertThat(firewall().openings()).isEmpty();
        }
        if (reach().isPresent()) {
            lets(firewall);
        }
    }

    @Test
    @DisplayName("§5.2 keeps the guard when it is closed, as it was installed (KEEP_GUARD)")
    void keepsTheGuardWhenClosed() {
        state();
        Firewall firewall = firewall(OnClose.KEEP_GUARD);
        firewall.install(List.of());
        String guarded = state();

        firewall.close();

        assertThat(state()).isEqualTo(guarded);
    }

    @Test
    @DisplayName("§5.3 puts the guard back when it is closed, if somebody removed it (KEEP_GUARD)")
    void putsTheGuardBackWhenClosed() {
        state();
        host().damages().forEach((name, damage) -> {
            Firewall firewall = firewall(OnClose.KEEP_GUARD);
            firewall.install(List.of(open(0, SSH)));
            String guarded = state();
            damage.run();

            firewall.close();

            assertThat(state()).as("after somebody " + name).isEqualTo(guarded);
        });
    }

    @Test
    @DisplayName("§5.4 leaves the host as if it had never been there when it is closed (REMOVE)")
    void removesTheGuardWhenClosed() {
        String before = state();
        Firewall firewall = firewall(OnClose.REMOVE);
        firewall.install(List.of(open(0, SSH), open(2, web())));

        firewall.close();

        assertThat(state()).isEqualTo(before);
        if (reach().isPresent()) {
            assertThat(seen().reached(firewall, List.of(SSH, web()))).hasSize(8);
        }
    }

    @Test
    @DisplayName("§5.5 changes nothing when it is closed again")
    void changesNothingWhenClosedAgain() {
        for (OnClose onClose : OnClose.values()) {
            Firewall firewall = firewall(onClose);
            firewall.install(List.of());
            firewall.close();
            Firewall next = firewall();
            next.install(List.of(open(0, SSH)));
            String before = host().state().orElse("");

            firewall.close();

            assertThat(host().state().orElse("")).isEqualTo(before);
            assertThat(next.openings()).containsExactly(opening(0, SSH));
            next.close();
        }
    }

    @Test
    @DisplayName("§5.6 changes nothing when it is closed before it has been installed")
    void changesNothingWhenClosedBeforeTheInstall() {
        Firewall atWork = firewall();
        atWork.install(List.of(open(0, SSH)));
        String before = host().state().orElse("");

        for (OnClose onClose : OnClose.values()) {
            firewall(onClose).close();
        }

        assertThat(host().state().orElse("")).isEqualTo(before);
        assertThat(atWork.openings()).containsExactly(opening(0, SSH));
        assertThat(atWork.intact()).isTrue();
    }

    @Test
    @DisplayName("§5.7 uninstalls everything of its owner, whichever run and services put it there")
    void uninstallsEverything() {
        String before = state();
        Service old = service("old", "2050-2060/tcp", "2050/udp");
        firewall(context(OWNER, List.of(old), Map.of(), OnClose.KEEP_GUARD)).install(List.of(open(0, old)));
        assertThat(state()).isNotEqualTo(before);

        firewall().uninstall();

        assertThat(state()).isEqualTo(before);
    }

    @Test
    @DisplayName("§5.8 uninstalls where nothing is, where half of it is, and again")
    void uninstallsFromAnyState() {
        String before = state();
        Firewall firewall = firewall();
        firewall.uninstall();
        assertThat(state()).isEqualTo(before);
        host().damages().forEach((name, damage) -> {
            firewall.install(List.of(open(0, SSH)));
            damage.run();

            firewall.uninstall();
            firewall.uninstall();

            assertThat(state()).as("after somebody " + name).isEqualTo(before);
        });
    }

    @Test
    @DisplayName("§5.9 can be installed again after it has been uninstalled")
    void canBeInstalledAgain() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(0, SSH)));
        String guarded = host().state().orElse("");
        firewall.uninstall();

        firewall.install(List.of(open(1, SSH)));

        assertThat(firewall.openings()).containsExactly(opening(1, SSH));
        assertThat(firewall.intact()).isTrue();
        assertThat(host().state().orElse("")).isEqualTo(guarded);
    }

    @Test
    @DisplayName("§5.10 puts nothing back when it is closed after it has been uninstalled")
    void putsNothingBackAfterTheUninstall() {
        String before = state();
        Firewall firewall = firewall(OnClose.KEEP_GUARD);
        firewall.install(List.of(open(0, SSH)));
        firewall.uninstall();

        firewall.close();

        assertThat(state()).isEqualTo(before);
    }

    @Test
    @DisplayName("§6.1 does not take another owner's openings for its own")
    void tellsItsOwnOpeningsOnly() {
        Firewall ours = firewall();
        Firewall theirs = other(OnClose.KEEP_GUARD);
        ours.install(List.of(open(0, SSH)));
        theirs.install(List.of(open(1, SSH)));
        ours.apply(List.of(open(2, web()), close(1, SSH)));

        assertThat(ours.openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(2, web()));
        assertThat(theirs.openings()).containsExactly(opening(1, SSH));
    }

    @Test
    @DisplayName("§6.2 leaves another owner's guard and openings alone, whatever it does itself")
    void leavesAnotherOwnerAlone() {
        Firewall theirs = other(OnClose.KEEP_GUARD);
        theirs.install(List.of(open(0, SSH)));
        String before = host().state().orElse("");
        Firewall ours = firewall(OnClose.REMOVE);

        ours.install(List.of(open(1, SSH)));
        alone(theirs, "install");
        ours.install(List.of());
        ours.apply(List.of(open(0, SSH), close(0, SSH)));
        alone(theirs, "changes");
        ours.close();
        alone(theirs, "close");
        firewall().uninstall();
        alone(theirs, "uninstall");

        assertThat(host().state().orElse("")).isEqualTo(before);
    }

    private void alone(Firewall theirs, String after) {
        assertThat(theirs.openings()).as("after our " + after).containsExactly(opening(0, SSH));
        assertThat(theirs.intact()).as("after our " + after).isTrue();
    }

    private Firewall other(OnClose onClose) {
        return firewall(context(OTHER, List.of(SSH, web()), Map.of(), onClose));
    }
}
