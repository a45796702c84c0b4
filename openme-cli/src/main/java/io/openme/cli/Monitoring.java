package io.openme.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.openme.doorman.Health;
import io.openme.protocol.IpLiteral;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} and {@code /health} over HTTP, to programs of this host. Whoever holds its connections for too long
 * loses them, and keeps others from nothing but these two. Connections beyond 64 are closed at once, where the JDK knows how.
 */
final class Monitoring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Monitoring.class);
    private static final int THREADS = 2;
    private static final int MOST_WAITING = 16;
    static final int MOST_CONNECTIONS = 64;
    private static final String LONGEST_EXCHANGE_SECONDS = "10";
    private static final Pattern HOST = Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+))(?::[0-9]{1,5})?");

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    private Monitoring(HttpServer server, ThreadPoolExecutor threads) {
        this.server = server;
        this.threads = threads;
    }

    /** What is answered. */
    private record Page(int status, String type, String text) {}

    static Monitoring start(InetSocketAddress address, Supplier<Health> health, Supplier<String> metrics) {
        // The server of the JDK reads them once, when it is first used; this JVM has no other use for it.
        System.setProperty("sun.net.httpserver.maxReqTime", LONGEST_EXCHANGE_SECONDS);
        System.setProperty("sun.net.httpserver.maxRspTime", LONGEST_EXCHANGE_SECONDS);
        System.setProperty("jdk.httpserver.maxConnections", Integer.toString(MOST_CONNECTIONS));
        HttpServer server;
        try {
            server = HttpServer.create(address, MOST_WAITING);
        } catch (IOException e) {
            throw new OpenmeException(
                    "monitoring.listen: can't listen on " + address.getAddress().getHostAddress() + " port "
                            + address.getPort() + " (" + e.getMessage() + "); choose another port",
                    e);
        }
        ThreadPoolExecutor threads = threads();
        server.setExecutor(threads);
        serve(server, "/metrics", query -> new Page(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
        serve(server, "/health", query -> page(health.get()));
        server.start();
        LOG.info(
                "Metrics and health are on http://{}:{}/metrics and /health",
                address.getHostString(),
                server.getAddress().getPort());
        return new Monitoring(server, threads);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static ThreadPoolExecutor threads() {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                task -> {
                    Thread thread = new Thread(task, "openme-monitoring-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                // On the server's own thread: it accepts nobody else meanwhile.
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    private static void serve(HttpServer server, String path, Function<HttpExchange, Page> pages) {
        server.createContext(path, exchange -> {
            try (exchange) {
                if (!isMeant(exchange.getRequestHeaders().getOrDefault("Host", List.of()))) {
                    send(exchange, new Page(421, "text/plain", "ask by the IP address, or as localhost\n"));
                } else if (!exchange.getRequestURI().getPath().equals(path)) {
                    send(exchange, new Page(404, "text/plain", "there are /metrics and /health\n"));
                } else if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                    send(exchange, new Page(405, "text/plain", "this is only read\n"));
                } else {
                    send(exchange, pages.apply(exchange));
                }
            } catch (RuntimeException | Error e) {
                // Without memory for an answer there is none; what asks for this must not end what it asks about.
                LOG.warn("Monitoring failed to answer {}", path, e);
            }
        });
    }

    /**
     * Whether this host was asked for by what only it can be. Any other name may be somebody's who points it here, so that a
     * browser on this host shows this to a page of his.
     */
    private static boolean isMeant(List<String> hosts) {
        if (hosts.size() != 1) {
            return false;
        }
        Matcher host = HOST.matcher(hosts.get(0));
        if (!host.matches()) {
            return false;
        }
        String name = host.group(1) == null ? host.group(2) : host.group(1);
        return name.equalsIgnoreCase("localhost") || IpLiteral.parse(name).isPresent();
    }

    private static void send(HttpExchange exchange, Page page) throws IOException {
        byte[] body = page.text().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", page.type());
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(page.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static Page page(Health health) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("serving", health.serving());
        map.put("listening", health.listening());
        map.put("firewallInOrder", health.firewallInOrder());
        map.put("alive", health.alive());
        map.put("openings", health.openings());
        map.put("grants", health.grants());
        map.put("connections", health.connections());
        map.put("certificateEnd", health.certificateEnd().toString());
        health.revocationsEnd().ifPresent(end -> map.put("revocationsEnd", end.toString()));
        health.reloadFailed().ifPresent(reason -> map.put("reloadFailed", reason));
        map.put("problems", health.problems());
        return new Page(health.serving() ? 200 : 503, "application/json", Json.write(map) + "\n");
    }
}
