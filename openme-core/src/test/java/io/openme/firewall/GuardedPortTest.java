package io.openme.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.spi.Service.Established;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardedPortTest {
    private static final InetAddress LOOPBACK = IpLiteral.parse("127.0.0.1").orElseThrow();

    private final InProcessFirewall firewall = new InProcessFirewall();
    private final AtomicInteger served = new AtomicInteger();
    private ServerSocket server;
    private GuardedPort port;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 100, LOOPBACK);
        Thread echo = new Thread(this::echo);
        echo.setDaemon(true);
        echo.start();
        port = GuardedPort.open(new InetSocketAddress(LOOPBACK, 0), firewall, "echo", (InetSocketAddress)
                server.getLocalSocketAddress());
    }

    @AfterEach
    void stop() throws IOException {
        port.close();
        server.close();
    }

    @Test
    void resetsAStrangerBeforeTheServerSeesAByte() throws IOException {
        try (Socket stranger = new Socket(LOOPBACK, port.port())) {
            stranger.setSoTimeout(10_000);
            assertThatThrownBy(() -> stranger.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(served).hasValue(0);
    }

    @Test
    void passesOnWhomTheFirewallAdmitsInBothDirectionsUntilEachEnds() throws IOException {
        admit(LOOPBACK);
        byte[] large = "knock, knock! ".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
        try (Socket friend = new Socket(LOOPBACK, port.port())) {
            friend.setSoTimeout(10_000);
            Thread writer = new Thread(() -> write(friend, large));
            writer.start();
            assertThat(friend.getInputStream().readAllBytes()).isEqualTo(large);
        }
    }

    @Test
    void admitsOnlyTheAddressThatIsOpen() throws IOException {
        admit(IpLiteral.parse("127.0.0.2").orElseThrow());
        try (Socket stranger = new Socket(LOOPBACK, port.port())) {
            stranger.setSoTimeout(10_000);
            assertThatThrownBy(() -> stranger.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        try (Socket friend = new Socket()) {
            friend.bind(new InetSocketAddress(IpLiteral.parse("127.0.0.2").orElseThrow(), 0));
            friend.connect(new InetSocketAddress(LOOPBACK, port.port()));
            friend.setSoTimeout(10_000);
            friend.getOutputStream().write('!');
            assertThat(friend.getInputStream().read()).isEqualTo('!');
        }
    }

    @Test
    void closingEndsWhatIsConnected() throws IOException {
        admit(LOOPBACK);
        try (Socket friend = new Socket(LOOPBACK, port.port())) {
            friend.setSoTimeout(10_000);
            friend.getOutputStream().write('!');
            assertThat(friend.getInputStream().read()).isEqualTo('!');
            port.close();
            port.close();
            assertThat(endOfInput(friend)).isTrue();
        }
    }

    @Test
    void aTakenPortIsNamed() {
        InetSocketAddress taken = new InetSocketAddress(LOOPBACK, port.port());
        assertThatThrownBy(() -> GuardedPort.open(taken, firewall, "echo", taken))
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining(String.valueOf(port.port()));
    }

    @Test
    void probesBothEndsOfASilentConnection() throws IOException {
        admit(LOOPBACK);
        try (Socket friend = new Socket(LOOPBACK, port.port())) {
            friend.setSoTimeout(10_000);
            friend.getOutputStream().write('!');
            assertThat(friend.getInputStream().read()).isEqualTo('!');

            // A socket's timer is 02 when that is keep-alive's; data that waits for its acknowledgement has another.
            await().until(() -> timers(port.port(), friend.getLocalPort()).equals(List.of("02"))
                    && timersTo(server.getLocalPort()).equals(List.of("02")));
        }
    }

    @Test
    void goesOnAfterAFaultOfTheFirewall() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        InProcessFirewall faulty = new InProcessFirewall(new Clock() {
            @Override
            public Instant instant() {
                if (asked.incrementAndGet() == 2) {
                    throw new IllegalStateException("a fault");
                }
                return Instant.EPOCH;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        });
        faulty.apply(List.of(new Change.Open(new Opening(LOOPBACK, "echo"), Duration.ofMinutes(1))));
        try (GuardedPort guarded =
                GuardedPort.open(new InetSocketAddress(LOOPBACK, 0), faulty, "echo", (InetSocketAddress)
                        server.getLocalSocketAddress())) {
            try (Socket unlucky = new Socket(LOOPBACK, guarded.port())) {
                unlucky.setSoTimeout(10_000);
                assertThat(endOfInput(unlucky)).isTrue();
            }
            try (Socket friend = new Socket(LOOPBACK, guarded.port())) {
                friend.setSoTimeout(10_000);
                friend.getOutputStream().write('!');
                assertThat(friend.getInputStream().read()).isEqualTo('!');
            }
        }
    }

    @Test
    void acceptsTheNextOneAtOnceWhereManyAreResetAlready() throws IOException {
        admit(LOOPBACK);
        // A pause for each would take 100 seconds.
        AtomicInteger resets = new AtomicInteger(1000);
        try (ServerSocket listening = new ServerSocket(0, 50, LOOPBACK) {
                    @Override
                    public Socket accept() throws IOException {
                        return resets.getAndDecrement() > 0 ? new ResetSocket() : super.accept();
                    }
                };
                GuardedPort guarded = GuardedPort.open(
                        listening,
                        firewall,
                        "echo",
                        (InetSocketAddress) server.getLocalSocketAddress(),
                        Established.KEEP);
                Socket friend = new Socket(LOOPBACK, guarded.port())) {
            friend.setSoTimeout(50_000);
            friend.getOutputStream().write('!');
            assertThat(friend.getInputStream().read()).isEqualTo('!');
        }
    }

    /** What some systems give for a connection that was reset before it was accepted. */
    private static final class ResetSocket extends Socket {
        @Override
        public InetAddress getInetAddress() {
            return LOOPBACK;
        }

        @Override
        public void setKeepAlive(boolean on) throws SocketException {
            throw new SocketException("Invalid argument");
        }
    }

    @Test
    void resetsTheSixtyFifthConnectionOfAHostAndNotTheFirstOfAnother() throws IOException {
        InetAddress other = IpLiteral.parse("127.0.0.2").orElseThrow();
        admit(LOOPBACK);
        admit(other);
        List<Socket> many = new ArrayList<>();
        try (Socket friend = new Socket()) {
            for (int i = 0; i < 65; i++) {
                many.add(new Socket(LOOPBACK, port.port()));
            }
            many.get(64).setSoTimeout(10_000);
            assertThatThrownBy(() -> many.get(64).getInputStream().read()).isInstanceOf(SocketException.class);
            friend.bind(new InetSocketAddress(other, 0));
            friend.connect(new InetSocketAddress(LOOPBACK, port.port()));
            friend.getOutputStream().write('!');
            // The server has one thread, so that it comes to the friend when the others are gone.
            for (Socket socket : many) {
                socket.close();
            }
            friend.setSoTimeout(10_000);
            assertThat(friend.getInputStream().read()).isEqualTo('!');
        } finally {
            for (Socket socket : many) {
                socket.close();
            }
        }
    }

    @Test
    void endsWhatIsConnectedWithItsOpeningIfAskedTo() throws IOException {
        admit(LOOPBACK);
        InetSocketAddress any = new InetSocketAddress(LOOPBACK, 0);
        InetSocketAddress echo = (InetSocketAddress) server.getLocalSocketAddress();
        try (GuardedPort cutting = GuardedPort.open(any, firewall, "echo", echo, Established.CUT);
                Socket friend = new Socket(LOOPBACK, cutting.port())) {
            friend.setSoTimeout(10_000);
            friend.getOutputStream().write('!');
            assertThat(friend.getInputStream().read()).isEqualTo('!');

            firewall.apply(List.of(new Change.Close(new Opening(LOOPBACK, "echo"))));
            assertThat(endOfInput(friend)).isTrue();
        }
    }

    /** The kernel's timers of connections from this port to that one. */
    private static List<String> timers(int local, int remote) throws IOException {
        return timers(String.format("[0-9A-F]+:%04X [0-9A-F]+:%04X 01 ", local, remote));
    }

    private static List<String> timersTo(int remote) throws IOException {
        return timers(String.format("[0-9A-F]+:[0-9A-F]+ [0-9A-F]+:%04X 01 ", remote));
    }

    private static List<String> timers(String connection) throws IOException {
        Pattern pattern = Pattern.compile(connection + "[0-9A-F]+:[0-9A-F]+ ([0-9]{2}):");
        List<String> found = new ArrayList<>();
        // A socket that a JVM opens may be one of IPv6 that carries IPv4.
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            Matcher matcher = pattern.matcher(Files.readString(Path.of(table)));
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
        }
        return found;
    }

    private void admit(InetAddress source) {
        firewall.apply(List.of(new Change.Open(new Opening(source, "echo"), Duration.ofMinutes(1))));
    }

    private static boolean endOfInput(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    private static void write(Socket socket, byte[] data) {
        try {
            socket.getOutputStream().write(data);
            socket.shutdownOutput();
        } catch (IOException e) {
            // The reader on the other side of the test sees what is missing.
        }
    }

    private void echo() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                served.incrementAndGet();
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException e) {
                // The test is over, or its client is.
            }
        }
    }
}
