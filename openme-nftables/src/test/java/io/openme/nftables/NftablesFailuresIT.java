package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.spi.Availability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import io.openme.testkit.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong, and what it says then. */
@ExtendWith(TestNetworkExtension.class)
class NftablesFailuresIT extends NftablesFixture {
    private final InetAddress source;

    NftablesFailuresIT(TestNetwork network) {
        super(network);
        source = client.ipv4().get(0);
    }

    @Test
    void namesTheOptionThatMakesRoom() {
        Firewall firewall = firewall(Map.of("max-openings", "1"));
        firewall.install(List.of(open(source, "ssh")));

        assertThat(failure(() -> firewall.apply(List.of(open(client.ipv4().get(1), "ssh")))))
                .hasMessageContaining("max-openings");
    }

    @Test
    @Timeout(60)
    void hasRoomForAllThatMayBeOpenAndForEveryCloseWhileTheKernelHasNotCollectedWhatIsOver() {
        int most = 40;
        Firewall firewall = firewall(Map.of("max-openings", "" + most));
        firewall.install(List.of());
        for (int round = 0; round < 2; round++) {
            String net = "203.0." + (112 + round) + ".";
            List<Change.Open> all = IntStream.rangeClosed(1, most)
                    .mapToObj(i -> open(literal(net + i), "ssh", Duration.ofMillis(500)))
                    .toList();
            firewall.apply(all);
            while (!firewall.openings().isEmpty()) {
                Thread.onSpinWait();
            }
            firewall.apply(
                    all.stream().map(open -> new Change.Close(open.opening())).toList());
        }
    }

    @Test
    void saysThatSomebodyRemovedTheTable() {
        Firewall firewall = firewall();
        firewall.install(List.of());
        nft("delete table inet openme");

        assertThat(failure(() -> firewall.apply(List.of(open(source, "ssh")))).reason())
                .isEqualTo(Reason.STATE_LOST);
        assertThat(failure(() -> firewall.apply(List.of(close(source, "ssh")))).reason())
                .isEqualTo(Reason.STATE_LOST);
        assertThat(failure(firewall::openings).reason()).isEqualTo(Reason.STATE_LOST);
    }

    @Test
    void saysThatSomebodyRemovedTheGuardFromTheTable() {
        Firewall firewall = firewall();
        firewall.install(List.of());
        nft("flush chain inet openme guard; delete chain inet openme guard");

        assertThat(failure(firewall::openings).reason()).isEqualTo(Reason.STATE_LOST);
    }

    @Test
    void doesNotTakeForItsOwnWhatSomebodyLeftOfTheTable(@TempDir Path directory) throws IOException {
        Path meddler = script(
                directory,
                "nft \"$@\" || exit; case $* in *-f*) [ -e " + directory + "/done ] || { touch " + directory
                        + "/done; nft flush chain inet openme guard; } ;; esac");
        Firewall firewall = firewall(Map.of("nft", meddler.toString()));

        assertThat(failure(() -> firewall.install(List.of())).reason()).isEqualTo(Reason.STATE_LOST);

        firewall.install(List.of());
        assertThat(firewall.intact()).isTrue();
    }

    @Test
    void saysThatItIsNotPermitted() {
        Map<String, String> options = Map.of("command", prefix("setpriv --bounding-set -all --inh-caps -all"));

        fails(options, Reason.NOT_PERMITTED, "CAP_NET_ADMIN");
    }

    @Test
    void saysThatNftIsNotInstalled() {
        fails(Map.of("nft", "/nonexistent/nft"), Reason.NOT_INSTALLED, "install the package nftables");
        fails(Map.of("command", "", "nft", "no-such-nft"), Reason.NOT_INSTALLED, "no-such-nft");
        fails(
                Map.of("command", prefix("setpriv --no-new-privs"), "nft", "no-such-nft"),
                Reason.NOT_INSTALLED,
                "install the package nftables");
        fails(Map.of("command", "no-such-sudo -n"), Reason.NOT_INSTALLED, "no-such-sudo");
    }

    @Test
    void saysThatTheNetworkNamespaceIsNotThere() {
        fails(Map.of("command", "ip netns exec no-such-namespace"), Reason.MISCONFIGURED, "command");
    }

    @Test
    void saysThatTheOwnerIsAWordOfNft() {
        FirewallContext context = context(Map.of(), OnClose.KEEP_GUARD);
        FirewallContext named = new FirewallContext("tcp", SERVICES, context.options(), OnClose.KEEP_GUARD);

        assertThat(failure(() -> new NftablesProvider().open(named).install(List.of()))
                        .reason())
                .isEqualTo(Reason.MISCONFIGURED);
        assertThat(new NftablesProvider().probe(named).detail()).contains("choose another");
    }

    @Test
    @Timeout(60)
    void givesUpOnAnNftThatHangs(@TempDir Path directory) throws IOException {
        Path hanging = script(directory, "trap '' TERM; while :; do sleep 60; done");

        fails(Map.of("nft", hanging.toString(), "timeout", "300ms"), Reason.TIMED_OUT, "did not end within");
    }

    @Test
    void addsNothingToALifetimeForTheTimeThatItTakesToAskTheHost(@TempDir Path directory) throws IOException {
        Path slow = script(directory, "[ \"$1\" != cat ] || sleep 1; exec \"$@\"");
        Firewall firewall = firewall(Map.of("command", prefix(slow.toString())));

        firewall.install(List.of(open(source, "ssh", Duration.ofSeconds(50))));

        assertThat(server.run("nft", "list", "table", "inet", "openme")
                        .orThrow()
                        .output())
                .containsPattern("timeout (49s|4[0-8]s)");
    }

    @Test
    @Timeout(60)
    void hasTheLastWordOverAnNftThatItGaveUpAndThatCommitsAllTheSame(@TempDir Path directory) throws IOException {
        // Out of reach of its killer, as nft behind sudo is for an unprivileged doorman.
        Path late = script(directory, """
                cd DIRECTORY
                [ -e armed ] || exec nft "$@"
                rm armed
                cat > input
                (setsid sh -c 'read -r go < gate; nft -f input' &)
                sleep 60
                """.replace("DIRECTORY", directory.toString()));
        Path gate = directory.resolve("gate");
        assertThat(server.run("mkfifo", gate.toString()).exitCode()).isZero();
        Firewall firewall = firewall(Map.of("nft", late.toString(), "timeout", "3s"));
        firewall.install(List.of());
        Files.createFile(directory.resolve("armed"));

        assertThat(failure(() -> firewall.apply(List.of(open(source, "ssh")))).reason())
                .isEqualTo(Reason.TIMED_OUT);
        assertThat(failure(() -> firewall.install(List.of())).reason()).isEqualTo(Reason.BUSY);
        assertThat(failure(firewall::close)).hasMessageContaining("may do its work yet");

        Files.writeString(gate, "go\n");
        boolean repaired = false;
        while (!repaired) {
            try {
                firewall.install(List.of());
                repaired = true;
            } catch (FirewallException e) {
                assertThat(e.reason()).isEqualTo(Reason.BUSY);
            }
        }
        assertThat(directory.resolve("input")).content().contains("add element");
        assertThat(firewall.openings()).isEmpty();
        assertThat(client.probe(Protocol.TCP, server.ipv4().get(0), 2022)).isEqualTo(Verdict.DROPPED);
    }

    @Test
    void doesNotClaimThatNothingChangedWhenNftWasKilled(@TempDir Path directory) throws IOException {
        Path dying = script(directory, "kill -9 $$");

        fails(Map.of("nft", dying.toString()), Reason.FAILED, "137");
    }

    /** The install and the probe, both within the time that they promise. */
    private void fails(Map<String, String> options, Reason reason, String words) {
        long start = System.nanoTime();
        FirewallException thrown = failure(() -> firewall(options).install(List.of()));
        Availability found = new NftablesProvider().probe(context(options, OnClose.KEEP_GUARD));

        assertThat(thrown.reason()).isEqualTo(reason);
        assertThat(thrown).hasMessageContaining(words);
        assertThat(found.usable()).isFalse();
        assertThat(found.detail()).contains(words);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(ruleset()).isEmpty();
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Path script(Path directory, String body) throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    private static FirewallException failure(ThrowingCallable call) {
        return catchThrowableOfType(FirewallException.class, call);
    }
}
