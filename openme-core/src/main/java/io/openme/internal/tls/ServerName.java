package io.openme.internal.tls;

import io.openme.tls.Peer;
import io.openme.tls.Pin;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.bouncycastle.util.IPAddress;
import org.jspecify.annotations.Nullable;

/**
 * The name that a server's certificate must have: as RFC 9525 says, among its subject alternative names. The common name
 * does not count. A wildcard stands for exactly one whole label, the first.
 */
public final class ServerName {
    private static final Pattern HOST = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final int MOST_SHOWN = 10;

    private final String name;
    private final @Nullable InetAddress address;

    private ServerName(String name, @Nullable InetAddress address) {
        this.name = name;
        this.address = address;
    }

    /**
     * Reads a host name or an IP address literal, an IPv6 one with or without brackets and zone.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static ServerName of(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        int zone = bare.indexOf('%');
        String literal = zone < 0 ? bare : bare.substring(0, zone);
        if (IPAddress.isValid(literal)) {
            return new ServerName(literal, parse(literal));
        }
        String ascii = toAscii(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        if (!HOST.matcher(ascii).matches()) {
            throw new IllegalArgumentException(
                    "\"" + host + "\" is neither a host name nor an IP address; write it as door.example.org");
        }
        return new ServerName(ascii, null);
    }

    /** Checks that the server has this name; the error lists the names that it has. */
    void verify(Peer server) throws UntrustedException {
        Collection<List<?>> alternatives = alternatives(server);
        if (alternatives.stream().noneMatch(this::matches)) {
            throw new UntrustedException(
                    Reason.WRONG_NAME,
                    "the server's certificate is not for " + name + "; it is for " + shown(alternatives)
                            + ". If that is the right server, expect one of its names (--server-hostname),"
                            + " issue it a certificate with this name, or pin its key: --pin "
                            + Pin.of(server.certificate())
                            + " - but compare that first with what openme pin CERTIFICATE prints on the server itself:"
                            + " any server of this CA could have sent it");
        }
    }

    /** What is sent to the server as the name to show a certificate for; RFC 6066 allows no addresses there. */
    Optional<SNIServerName> forIndication() {
        try {
            return address == null ? Optional.of(new SNIHostName(name)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            // JSSE is stricter than DNS, on underscores for example; the indication is a courtesy.
            return Optional.empty();
        }
    }

    /** The name in its plain form. */
    @Override
    public String toString() {
        return name;
    }

    private boolean matches(List<?> alternative) {
        Object type = alternative.get(0);
        if (!(alternative.get(1) instanceof String value)) {
            return false;
        }
        if (address != null) {
            return type.equals(IP_ADDRESS) && IPAddress.isValid(value) && address.equals(parse(value));
        }
        return type.equals(DNS_NAME) && matchesHost(value.toLowerCase(Locale.ROOT));
    }

    private boolean matchesHost(String pattern) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(name);
        }
        int dot = name.indexOf('.');
        // *.org would stand for every organisation there is.
        return dot > 0 && pattern.indexOf('.', 2) > 0 && pattern.substring(1).equals(name.substring(dot));
    }

    private static Collection<List<?>> alternatives(Peer server) throws UntrustedException {
        try {
            Collection<List<?>> found = server.certificate().getSubjectAlternativeNames();
            return found == null ? List.of() : found;
        } catch (CertificateParsingException e) {
            throw new UntrustedException(
                    Reason.MALFORMED, "the names in the certificate of " + server.name() + " can't be understood", e);
        }
    }

    private static String shown(Collection<List<?>> alternatives) {
        List<String> names = alternatives.stream()
                .filter(each -> each.get(0).equals(DNS_NAME) || each.get(0).equals(IP_ADDRESS))
                .limit(MOST_SHOWN)
                .map(each -> Peer.printable(String.valueOf(each.get(1))))
                .toList();
        return names.isEmpty() ? "no name at all" : String.join(", ", names);
    }

    private static InetAddress parse(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    private static String toAscii(String host) {
        try {
            return IDN.toASCII(host).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
