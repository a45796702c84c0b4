package io.openme.protocol;

import io.openme.protocol.Request.Close;
import io.openme.protocol.Request.Open;
import io.openme.protocol.Request.Renew;
import io.openme.protocol.Request.Status;
import io.openme.protocol.Request.Where;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Requests as lines of {@code openme/2}; docs/protocol.md has the grammar. */
final class RequestLine {
    private static final String ADDRESS = "address";
    private static final String SERVICES = "services";
    private static final String LIFETIME = "lifetime";
    private static final String REPLACES = "replaces";
    private static final String CLIENT = "client";
    private static final String SCOPE = "scope";
    private static final String EVERYWHERE = "*";

    private RequestLine() {}

    static Request parse(String text) throws MalformedLineException {
        Line line = Line.parse(text);
        return switch (line.word()) {
            case "OPEN" -> {
                line.requireOnly(ADDRESS, SERVICES, LIFETIME, REPLACES);
                yield new Open(line.address(ADDRESS), line.services(SERVICES), lifetime(line), line.address(REPLACES));
            }
            case "RENEW" -> {
                line.requireOnly(ADDRESS, SERVICES, LIFETIME);
                yield new Renew(line.address(ADDRESS), line.services(SERVICES), lifetime(line));
            }
            case "CLOSE" -> {
                line.requireOnly(ADDRESS, SERVICES, CLIENT);
                Optional<String> client = line.text(CLIENT);
                if (client.isPresent() && !client.get().matches("[0-9a-f]{64}")) {
                    throw Line.malformed("client is no fingerprint");
                }
                yield new Close(where(line), line.services(SERVICES), client);
            }
            case "STATUS" -> {
                line.requireOnly(SCOPE);
                Optional<String> scope = line.text(SCOPE);
                if (scope.isPresent() && !scope.get().equals("all")) {
                    throw Line.malformed("scope is all, or left out");
                }
                yield new Status(scope.isPresent());
            }
            default -> throw new MalformedLineException(Refusal.UNSUPPORTED, line.word() + " is no command");
        };
    }

    static String format(Request request) {
        if (request instanceof Open open) {
            Line line = Line.of("OPEN");
            open.address().ifPresent(a -> line.with(ADDRESS, a));
            return finish(line, open.services(), open.lifetime(), open.replaces());
        }
        if (request instanceof Renew renew) {
            Line line = Line.of("RENEW");
            renew.address().ifPresent(a -> line.with(ADDRESS, a));
            return finish(line, renew.services(), renew.lifetime(), Optional.empty());
        }
        if (request instanceof Close close) {
            Line line = Line.of("CLOSE");
            if (close.where() instanceof Where.At at) {
                line.with(ADDRESS, at.address());
            } else if (close.where() instanceof Where.Everywhere) {
                line.with(ADDRESS, EVERYWHERE);
            }
            close.client().ifPresent(c -> line.with(CLIENT, c));
            return finish(line, close.services(), Optional.empty(), Optional.empty());
        }
        return ((Status) request).everyone() ? "STATUS scope=all" : "STATUS";
    }

    private static String finish(
            Line line, Set<String> services, Optional<Duration> lifetime, Optional<InetAddress> replaces) {
        if (!services.isEmpty()) {
            line.with(SERVICES, services);
        }
        lifetime.ifPresent(l -> line.with(LIFETIME, l));
        replaces.ifPresent(a -> line.with(REPLACES, a));
        return line.toString();
    }

    private static Optional<Duration> lifetime(Line line) throws MalformedLineException {
        Optional<Duration> lifetime = line.seconds(LIFETIME);
        if (lifetime.filter(Duration::isZero).isPresent()) {
            throw Line.malformed("a lifetime of 0 is none");
        }
        return lifetime;
    }

    private static Where where(Line line) throws MalformedLineException {
        Optional<String> text = line.text(ADDRESS);
        if (text.isEmpty()) {
            // Where an administrator stands has nothing to do with whose grants it closes.
            return line.text(CLIENT).isPresent() ? new Where.Everywhere() : new Where.Here();
        }
        return text.get().equals(EVERYWHERE)
                ? new Where.Everywhere()
                : new Where.At(line.address(ADDRESS).orElseThrow());
    }
}
