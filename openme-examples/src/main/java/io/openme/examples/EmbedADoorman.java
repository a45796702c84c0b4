package io.openme.examples;

import com.sun.net.httpserver.HttpServer;
import io.openme.doorman.Doorman;
import io.openme.firewall.GuardedPort;
import io.openme.firewall.InProcessFirewall;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A JDK web server that resets strangers at accept until they knock: no root, any operating system.
 *
 * <p>Make the certificates first: {@code openme ca init}, {@code openme ca server localhost}, {@code openme ca client alice}.
 * Then run this, look at http://localhost:8080/ (refused), run {@link KnockFromAnApp}, and look again.
 */
public final class EmbedADoorman implements AutoCloseable {
    private final HttpServer server;
    private final GuardedPort door;
    private final Doorman doorman;

    private EmbedADoorman(HttpServer server, GuardedPort door, Doorman doorman) {
        this.server = server;
        this.door = door;
        this.doorman = doorman;
    }

    /** Runs until the process ends; the directory of the certificates may be named, {@code pki} otherwise. */
    public static void main(String[] args) throws IOException {
        start(Path.of(args.length == 0 ? "pki" : args[0]), 8080, Doorman.DEFAULT_PORT);
    }

    /** Starts the server, its guarded port and the doorman. Port 0 takes a free one. */
    @SuppressWarnings("resource") // They live as long as what is returned.
    public static EmbedADoorman start(Path pki, int webPort, int knockPort) throws IOException {
        // On loopback and a port that nobody knows: the guarded port is the way in.
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] page = "Welcome, friend.\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();

        InProcessFirewall firewall = new InProcessFirewall();
        GuardedPort door = GuardedPort.open(new InetSocketAddress(webPort), firewall, "web", server.getAddress());

        Doorman doorman = Doorman.builder()
                .identity(Identity.ofPem(pki.resolve("localhost.crt"), pki.resolve("localhost.key")))
                .trust(Trust.ofPem(pki.resolve("ca.crt")))
                .listen(knockPort)
                .service("web", door.port() + "/tcp")
                .firewall(firewall)
                .lifetime(Duration.ofMinutes(30))
                .build();
        doorman.start();
        return new EmbedADoorman(server, door, doorman);
    }

    /** Where the guarded server is reached. */
    public int webPort() {
        return door.port();
    }

    /** Where to knock. */
    public int knockPort() {
        return doorman.port();
    }

    @Override
    public void close() {
        doorman.close();
        door.close();
        server.stop(0);
    }
}
