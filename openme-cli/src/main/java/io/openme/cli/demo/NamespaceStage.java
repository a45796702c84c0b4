package io.openme.cli.demo;

import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.protocol.IpLiteral;
import io.openme.spi.FirewallContext.OnClose;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's own firewall, in network namespaces joined by a cable. Where user namespaces are allowed that takes no root.
 * Everything in them ends with the process.
 */
public final class NamespaceStage implements Stage {
    /** The exit code of a demo that finds out in the namespace that it is not possible. */
    public static final int NOT_POSSIBLE = 77;

    private static final String OWNER = "openme-demo";
    private static final String VISITORS = "visitors";
    private static final InetAddress SERVER = address("192.0.2.1");
    private static final InetAddress ALICE = address("192.0.2.2");
    private static final InetAddress STRANGER = address("192.0.2.3");
    private static final int WEB_PORT = 8080;
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(30));
    private static final List<String> UNSHARE = List.of("unshare", "--map-root-user", "--net", "--mount");

    private final CommandRunner here = new CommandRunner(List.of());
    private final CommandRunner there = new CommandRunner(List.of("ip", "netns", "exec", VISITORS));
    private final Welcome welcome;

    /** Says why the kernel can't be used. */
    public static final class NotPossible extends Exception {
        private static final long serialVersionUID = 1L;

        NotPossible(String message) {
            super(message);
        }
    }

    private NamespaceStage() throws NotPossible {
        must("mount", "-t", "tmpfs", "tmpfs", "/run");
        must("ip", "link", "set", "lo", "up");
        must("ip", "netns", "add", VISITORS);
        must("ip", "link", "add", "door", "type", "veth", "peer", "name", "street", "netns", VISITORS);
        must("ip", "address", "add", IpLiteral.format(SERVER) + "/24", "dev", "door");
        must("ip", "link", "set", "door", "up");
        for (InetAddress visitor : List.of(ALICE, STRANGER)) {
            must("ip", "-n", VISITORS, "address", "add", IpLiteral.format(visitor) + "/24", "dev", "street");
        }
        must("ip", "-n", VISITORS, "link", "set", "street", "up");
        welcome = new Welcome(new InetSocketAddress(SERVER, WEB_PORT));
    }

    /**
     * Runs {@code openme demo} in new namespaces; its exit code.
     *
     * @throws NotPossible if this host or user can't
     */
    public static int tellInNamespace() throws NotPossible {
        List<String> probe = new ArrayList<>(UNSHARE);
        probe.addAll(List.of("nft", "list", "tables"));
        run(new CommandRunner(List.of()), probe);
        run(new CommandRunner(List.of()), List.of("ip", "-V"));
        List<String> command = new ArrayList<>(UNSHARE);
        command.addAll(java());
        command.addAll(List.of("demo", "--in-namespace"));
        try {
            // Not a command of the host but this program once more: its output goes straight to the person.
            int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exitCode == NOT_POSSIBLE) {
                throw new NotPossible("see above");
            }
            return exitCode;
        } catch (IOException e) {
            throw new NotPossible(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotPossible("interrupted");
        }
    }

    /**
     * Sets it up in the namespace that this process is in already.
     *
     * @throws NotPossible if that does not work
     */
    public static NamespaceStage setUp() throws NotPossible {
        return new NamespaceStage();
    }

    @Override
    public String description() {
        return "the kernel's firewall, nftables, in network namespaces of its own";
    }

    @Override
    public InetAddress server() {
        return SERVER;
    }

    @Override
    public int webPort() {
        return WEB_PORT;
    }

    @Override
    public InetAddress alice() {
        return ALICE;
    }

    @Override
    public Optional<InetAddress> stranger() {
        return Optional.of(STRANGER);
    }

    @Override
    public DoormanBuilder prepare(DoormanBuilder builder) {
        return builder.firewall("nftables")
                .owner(OWNER)
                .onClose(OnClose.REMOVE)
                .listen(new InetSocketAddress(SERVER, Doorman.DEFAULT_PORT));
    }

    @Override
    public Program visitors() {
        return arguments -> {
            List<String> command = java();
            command.addAll(List.of(arguments));
            CommandResult result = there.run(command, new byte[0], LIMITS);
            return new Program.Said(result.exitCode(), result.output() + result.errors());
        };
    }

    @Override
    public List<String> evidence() {
        CommandResult listing = here.run(List.of("nft", "list", "table", "inet", OWNER), new byte[0], LIMITS);
        return listing.output()
                .lines()
                .map(String::strip)
                // What has a rate is no opening, but how often somebody came to the doorman's own port.
                .filter(line -> line.contains("expires") && !line.contains("limit rate"))
                .map(line -> "nft list table inet " + OWNER + " shows: " + line)
                .toList();
    }

    @Override
    public void close() {
        welcome.close();
    }

    private void must(String... command) throws NotPossible {
        run(here, List.of(command));
    }

    private static void run(CommandRunner runner, List<String> command) throws NotPossible {
        try {
            CommandResult result = runner.run(command, new byte[0], LIMITS);
            if (!result.succeeded()) {
                String errors = result.errors().lines().findFirst().orElse("exit code " + result.exitCode());
                throw new NotPossible(String.join(" ", command) + ": " + errors);
            }
        } catch (CommandException e) {
            throw new NotPossible(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> java() {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.openme.cli.Program"));
    }

    private static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
