package io.openme.iptables;

import static io.openme.iptables.Addresses.address;
import static io.openme.iptables.Addresses.close;
import static io.openme.iptables.Addresses.open;
import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import io.openme.testkit.Connection;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is iptables' own, beyond the contract. */
@ExtendWith(TestNetworkExtension.class)
class IptablesFirewallIT {
    private static final Service SSH = Service.of("ssh", "2022/tcp");
    private static final Service LIVE = new Service("live", List.of(PortRange.parse("2400/tcp")), Established.CUT);

    private final TestNetwork network;
    private final Host server;
    private final Host client;
    private final InetAddress to;
    private final InetAddress source;

    @TempDir
    private Path directory = Path.of("");

    IptablesFirewallIT(TestNetwork network) {
        this.network = network;
        server = network.server();
        client = network.client();
        to = server.ipv4().get(0);
        source = client.ipv4().get(0);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, 2022);
        network.server().echo(TCP, 2400);
    }

    @BeforeEach
    @AfterEach
    void removeEveryFirewall() throws IOException {
        host(Plane.NFT).clear();
    }

    @Test
    void noticesThatASetWasFlushedEvenIfSomethingWasOpenedSince() throws Exception {
        IptablesHost host = host(Plane.NFT);
        Firewall firewall = firewall(host, Map.of());
        firewall.install(List.of(open(client.ipv4().get(1), "ssh")));
        assertThat(firewall.intact()).isTrue();

        host.sh("ipset flush $(ipset list -n | grep 'openme.ssh.4')");
        firewall.apply(List.of(open(source, "ssh")));

        assertThat(firewall.intact()).isFalse();
    }

    @Test
    void waitsForTheLockAndSaysWhoHoldsItTooLong() throws Exception {
        IptablesHost host = host(Plane.LEGACY);
        String before = host.state().orElseThrow();
        // It alone has the lock, not what it starts; that ends with the pipe.
        Process holder =
                server.start("flock", "-o", directory.resolve("xtables.lock").toString(), "sh", "-c", "echo; exec cat");
        assertThat(holder.getInputStream().read()).isNotNegative(); // it has the lock

        Firewall impatient = firewall(host, Map.of("timeout", "2s"));
        FirewallException thrown = failure(() -> impatient.install(List.of()));
        assertThat(thrown.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(thrown).hasMessageContaining("held the xtables lock");
        assertThat(new IptablesProvider()
                        .probe(context(host, Map.of("timeout", "2s"), SSH))
                        .detail())
                .contains("held the xtables lock");
        assertThat(host.sh("iptables-legacy-save; ip6tables-legacy-save")).doesNotContain("openme");

        Thread release = new Thread(() -> {
            within(Duration.ofSeconds(20), () -> host.latestInput().orElse("").contains("tables-legacy-restore"));
            holder.destroy();
        });
        release.start();
        Firewall patient = firewall(host, Map.of());
        patient.install(List.of(open(source, "ssh")));
        release.join();
        assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(OPEN);
        patient.uninstall();
        assertThat(host.state()).contains(before);
    }

    @Test
    void removesTheGuardOfTheOtherPlaneOnceItsOwnStands() throws IOException {
        IptablesHost legacy = host(Plane.LEGACY);
        IptablesHost nft = host(Plane.NFT);
        firewall(legacy, Map.of()).install(List.of(open(source, "ssh")));
        String byLegacy = legacy.state().orElseThrow();

        Firewall firewall = firewall(nft, Map.of());
        firewall.install(List.of());

        assertThat(nft.sh("iptables-legacy-save; ip6tables-legacy-save")).doesNotContain("openme");
        assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(DROPPED);

        firewall(legacy, Map.of()).install(List.of(open(source, "ssh")));
        assertThat(legacy.state()).contains(byLegacy);
        assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(OPEN);
    }

    @Test
    void uninstallsFromBothPlanes() throws IOException {
        IptablesHost host = host(Plane.NFT);
        String before = host.state().orElseThrow();
        firewall(host(Plane.LEGACY), Map.of()).install(List.of());
        String legacy = host.sh("iptables-legacy-save -t mangle");
        firewall(host, Map.of("ipset", "never")).install(List.of(open(source, "ssh")));
        server.runWithInput(
                        legacy.replaceAll("(?m)^.*--match-set.*\n", ""),
                        "env",
                        "XTABLES_LOCKFILE=" + directory.resolve("xtables.lock"),
                        "iptables-legacy-restore")
                .orThrow();
        assertThat(host.state().orElseThrow()).contains("iptables legacy\n:openme ");

        firewall(host, Map.of()).uninstall();

        assertThat(host.state()).contains(before);
    }

    @Test
    void saysThatAPartIsDoneAndMendsIt() throws IOException {
        IptablesHost host = host(Plane.NFT);
        Firewall firewall = firewall(host, Map.of("command", host.prefix(failingForIpv6())));

        FirewallException thrown = failure(() -> firewall.install(List.of(open(source, "ssh"))));

        assertThat(thrown.reason()).isEqualTo(Reason.FAILED);
        assertThat(failure(() -> firewall.apply(List.of(open(source, "ssh")))).reason())
                .isEqualTo(Reason.STATE_LOST);
        host.sh("touch " + directory + "/works");
        firewall.install(List.of());
        assertThat(firewall.intact()).isTrue();
        assertThat(firewall.openings()).isEmpty();
        assertThat(host.sh("ipset list -name")).contains("openme.ssh.4").containsOnlyOnce("openme.ssh.4");
    }

    @Test
    void runsOutOfNoNamesForSetsHoweverOftenAPartFails() throws IOException {
        IptablesHost host = host(Plane.NFT);
        Firewall firewall = firewall(host, Map.of("command", host.prefix(failingForIpv6())));

        for (int i = 0; i < 4; i++) {
            assertThat(failure(() -> firewall.install(List.of(open(source, "ssh"))))
                            .reason())
                    .isEqualTo(Reason.FAILED);
            assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(OPEN);
        }

        // The set that is in use, and those that the kernel has not let go of yet.
        assertThat(host.sh("ipset list -name").lines().filter(set -> set.startsWith("openme.ssh.4")))
                .hasSizeBetween(1, 3);
        assertThat(host.sh("ipset list -name")).doesNotContain("openme.ssh.6");
    }

    /** A command that can't change the rules of IPv6 until there is a file. */
    private Path failingForIpv6() throws IOException {
        return IptablesHost.script(
                directory.resolve("failing"),
                "case $1 in ip6tables-restore) [ -e " + directory + "/works ] || exit 1 ;; esac\nexec \"$@\"\n");
    }

    @Test
    void letsInNobodyByASetThatItDidNotSee() throws IOException {
        IptablesHost host = host(Plane.NFT);
        firewall(host, Map.of()).install(List.of(open(source, "ssh")));
        Path blind = IptablesHost.script(directory.resolve("blind"), """
                case $* in 'ipset list -name') [ -e DIR/hides ] && exit 0; [ -e DIR/sees ] || exit 1 ;; esac
                exec "$@"
                """.replace("DIR", directory.toString()));
        Firewall firewall = firewall(host, Map.of("command", host.prefix(blind)));

        assertThat(failure(() -> firewall.install(List.of())).nothingChanged()).isFalse();
        host.sh("touch " + directory + "/hides");
        assertThat(failure(() -> firewall.install(List.of())).reason()).isEqualTo(Reason.REJECTED);
        host.sh("rm " + directory + "/hides; touch " + directory + "/sees");
        firewall.install(List.of());

        assertThat(firewall.openings()).isEmpty();
        assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(DROPPED);
    }

    @Test
    void refusesABatchThatDoesNotFitBeforeAPartOfItIsDone() throws IOException {
        for (String ipset : List.of("required", "never")) {
            Firewall firewall = firewall(host(Plane.NFT), Map.of("max-openings", "2", "ipset", ipset));
            firewall.install(List.of(open(source, "ssh")));

            FirewallException thrown = failure(() -> firewall.apply(List.of(
                    close(source, "ssh"),
                    open(address("203.0.113.1"), "ssh"),
                    open(address("203.0.113.2"), "ssh"),
                    open(address("203.0.113.3"), "ssh"))));

            assertThat(thrown.reason()).isEqualTo(Reason.REJECTED);
            assertThat(thrown).hasMessageContaining("max-openings");
            assertThat(firewall.openings()).containsExactly(new Opening(source, "ssh"));
        }
    }

    @Test
    void doesWithoutIpsetWhereThereIsNoneUnlessItIsRequired() throws IOException {
        IptablesHost host = host(Plane.NFT);
        Path without = IptablesHost.script(
                directory.resolve("without"),
                "case $1 in ipset) exec setpriv --no-new-privs no-such-ipset ;; esac\nexec \"$@\"\n");
        Map<String, String> auto = Map.of("command", host.prefix(without), "ipset", "auto");
        Map<String, String> required = Map.of("command", host.prefix(without), "ipset", "required");

        Firewall firewall = firewall(host, auto);
        assertThat(firewall.capabilities()).doesNotContain(Capability.KERNEL_EXPIRY);
        firewall.install(List.of(open(source, "ssh")));
        assertThat(client.probe(TCP, source, to, 2022)).isEqualTo(OPEN);
        assertThat(new IptablesProvider().probe(context(host, auto, SSH)).usable())
                .isTrue();

        assertThat(new IptablesProvider().probe(context(host, required, SSH)).detail())
                .contains("install the package ipset");
        assertThat(failure(() -> firewall(host, required).install(List.of())).reason())
                .isEqualTo(Reason.NOT_INSTALLED);
        assertThat(firewall(host, Map.of("ipset", "auto")).capabilities()).contains(Capability.KERNEL_EXPIRY);
    }

    @Test
    void closesByTheKernelsWallClockWhatADeadDoormanLeftWithoutIpset() throws IOException {
        Firewall firewall = firewall(host(Plane.NFT), Map.of("ipset", "never"));
        firewall.install(List.of(open(source, "ssh", Duration.ofMillis(1500))));

        within(Duration.ofSeconds(5), () -> client.probe(TCP, source, to, 2022) == DROPPED);
        within(Duration.ofSeconds(2), () -> firewall.openings().isEmpty());
        assertThat(firewall.intact()).isTrue();
    }

    @Test
    void staysCutWhenConntrackForgetsTheConnectionAndTheServerStillSends() throws IOException {
        for (Plane plane : Plane.values()) {
            Firewall firewall = new IptablesProvider().open(context(host(plane), Map.of(), LIVE));
            firewall.install(List.of(open(source, "live")));
            Connection connection = client.connect(to, 2400);
            assertThat(connection.talk()).isEqualTo(OPEN);
            String hold = "table inet hold { chain c { type filter hook output priority 0; tcp sport 2400 drop; }; }";
            server.runWithInput(hold, "nft", "-f", "-").orThrow();
            assertThat(connection.talk()).isEqualTo(DROPPED); // and the server sends its answer again and again

            firewall.apply(List.of(close(source, "live")));
            // As it does by itself some minutes later.
            server.run("conntrack", "-F").orThrow();
            server.run("nft", "delete", "table", "inet", "hold").orThrow();

            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            while (System.nanoTime() < end) {
                assertThat(connection.talk()).isNotEqualTo(OPEN);
            }
            firewall.uninstall();
        }
    }

    @Test
    void needsNoMoreOfSudoThanTheDocumentationGives() throws IOException {
        String documentation = Files.readString(Path.of("..", "docs", "privileges.md"));
        List<String> allowed = Pattern.compile("/usr/s?bin/([^,\\\\\n]+)")
                .matcher(documentation)
                .results()
                .map(match -> match.group(1).replace(" \"\"", "").strip())
                .toList();
        IptablesHost host = host(Plane.NFT);
        Path log = directory.resolve("commands");
        Path listening =
                IptablesHost.script(directory.resolve("listening"), "echo \"$*\" >> " + log + "\nexec \"$@\"\n");
        Map<String, String> options = Map.of("command", host.prefix(listening), "timeout", "5s", "ipset", "auto");

        assertThat(new IptablesProvider().probe(context(host, options, SSH)).usable())
                .isTrue();
        Firewall firewall = firewall(host, options);
        assertThat(firewall.capabilities()).contains(Capability.DOOR_LIMIT);
        firewall.preview(List.of());
        firewall.install(List.of(open(source, "ssh")));
        firewall.apply(List.of(open(source, "ssh"), close(client.ipv6().get(0), "ssh")));
        assertThat(firewall.intact()).isTrue();
        assertThat(firewall.openings()).hasSize(1);
        firewall.uninstall();
        firewall.close();

        // What it can do without: connections older than the guard are those of this process's own namespace then.
        assertThat(Files.readAllLines(log).stream()
                        .filter(command -> !command.equals("cat /proc/self/net/tcp /proc/self/net/tcp6"))
                        .distinct())
                .isNotEmpty()
                .isSubsetOf(allowed);
    }

    @Test
    void guardsIpv6AsWellOnceTheKernelHasIt() throws IOException {
        Path net = Files.createDirectory(directory.resolve("net"));
        Files.createFile(net.resolve("dev"));
        Firewall firewall = new IptablesProvider(Clock.systemUTC(), new Families(net))
                .open(context(host(Plane.NFT), Map.of(), SSH));
        InetAddress to6 = server.ipv6().get(0);
        firewall.install(List.of());
        assertThat(firewall.intact()).isTrue();
        assertThat(client.probe(TCP, to, 2022)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, to6, 2022)).isEqualTo(OPEN);

        Files.createFile(net.resolve("if_inet6"));

        assertThat(firewall.intact()).isFalse();
        firewall.install(List.of());
        assertThat(client.probe(TCP, to6, 2022)).isEqualTo(DROPPED);
        assertThat(firewall.intact()).isTrue();
    }

    @Test
    void guardsIpv6WhereASandboxHidesThatThereIsOne() {
        String seen = server.run(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount -t proc -o subset=pid proc /proc && ! [ -e /proc/net ] && exec \"$@\"",
                        "-",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FamiliesOfThisHost.class.getName())
                .orThrow()
                .output();

        assertThat(seen.strip()).isEqualTo("[IPV4, IPV6]");
    }

    /** A program, since what a process sees of the host is its own. */
    static final class FamiliesOfThisHost {
        public static void main(String[] arguments) {
            System.out.println(Families.OF_THIS_HOST.guarded());
        }
    }

    private IptablesHost host(Plane plane) throws IOException {
        return new IptablesHost(network, directory, plane, true);
    }

    private static FirewallContext context(IptablesHost host, Map<String, String> options, Service... services) {
        Map<String, String> all = new HashMap<>(host.options());
        all.putAll(options);
        return new FirewallContext("openme", List.of(services), all, OnClose.KEEP_GUARD);
    }

    private static Firewall firewall(IptablesHost host, Map<String, String> options) {
        return new IptablesProvider().open(context(host, options, SSH));
    }

    private static FirewallException failure(ThrowingCallable call) {
        return catchThrowableOfType(FirewallException.class, call);
    }

    private static void within(Duration time, BooleanSupplier done) {
        long end = System.nanoTime() + time.toNanos();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
        }
    }
}
