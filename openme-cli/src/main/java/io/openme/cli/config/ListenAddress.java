package io.openme.cli.config;

import io.openme.doorman.Doorman;
import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to listen, as text. */
final class ListenAddress {
    // Before the default, which is read by it.
    private static final Pattern FORM = Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):(\\d+)");

    /** Every address of the host. */
    static final List<InetSocketAddress> DEFAULT =
            List.of(parse("0.0.0.0:" + Doorman.DEFAULT_PORT), parse("[::]:" + Doorman.DEFAULT_PORT));

    private ListenAddress() {}

    /** @throws IllegalArgumentException if it is something else, with a message for a person */
    static InetSocketAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no address with a port; write \"0.0.0.0:54154\" or \"[::]:54154\"");
        }
        boolean six = matcher.group(1) != null;
        return new InetSocketAddress(address(six ? matcher.group(1) : matcher.group(2)), port(matcher.group(3), 0));
    }

    static InetAddress address(String text) {
        return IpLiteral.parse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + text + "\" is no IP address; write one, such as 0.0.0.0 for all of them"));
    }

    /** A port of at least {@code lowest}. */
    static int port(String text, int lowest) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : -1;
        if (port < lowest || port > 65535) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no port; a port is a number from " + lowest + " to 65535");
        }
        return port;
    }
}
