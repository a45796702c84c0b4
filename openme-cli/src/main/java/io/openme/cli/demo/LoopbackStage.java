package io.openme.cli.demo;

import io.openme.doorman.DoormanBuilder;
import io.openme.firewall.GuardedPort;
import io.openme.firewall.InProcessFirewall;
import io.openme.protocol.IpLiteral;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;

/** This process and loopback addresses: any operating system, no privileges. */
public final class LoopbackStage implements Stage {
    private static final InetAddress LOOPBACK = address("127.0.0.1");
    private static final InetAddress SECOND = address("127.0.0.2");

    private final Program visitors;
    private final String why;
    private final InProcessFirewall firewall = new InProcessFirewall();
    private final Welcome welcome;
    private final GuardedPort door;

    private LoopbackStage(Program visitors, String why) {
        this.visitors = visitors;
        this.why = why;
        this.welcome = new Welcome(new InetSocketAddress(LOOPBACK, 0));
        this.door = GuardedPort.open(new InetSocketAddress(LOOPBACK, 0), firewall, Story.SERVICE, welcome.address());
    }

    /**
     * Sets it up.
     *
     * @param why it is this stage and not the kernel's
     */
    public static LoopbackStage setUp(Program visitors, String why) {
        return new LoopbackStage(visitors, why);
    }

    @Override
    public String description() {
        return "a firewall inside this process, on loopback (the kernel's is not used: " + why + ")";
    }

    @Override
    public InetAddress server() {
        return LOOPBACK;
    }

    @Override
    public int webPort() {
        return door.port();
    }

    @Override
    public InetAddress alice() {
        return LOOPBACK;
    }

    /** The second loopback address, which not every system has. */
    @Override
    public Optional<InetAddress> stranger() {
        try (ServerSocket probe = new ServerSocket(0, 1, SECOND)) {
            return Optional.of(probe.getInetAddress());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public DoormanBuilder prepare(DoormanBuilder builder) {
        return builder.firewall(firewall).listen(new InetSocketAddress(LOOPBACK, 0));
    }

    @Override
    public Program visitors() {
        return visitors;
    }

    @Override
    public List<String> evidence() {
        return firewall.openings().stream()
                .map(opening -> "the firewall admits " + opening)
                .toList();
    }

    @Override
    public void close() {
        door.close();
        welcome.close();
    }

    private static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
