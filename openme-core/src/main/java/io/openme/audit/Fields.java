package io.openme.audit;

import io.openme.doorman.Client;
import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * The fields of one line, as JSON that is printable ASCII whatever is put in: a line stays a line, and a terminal safe.
 */
final class Fields {
    /** An issuer is what a CA's certificate says, at whatever length. */
    private static final int LONGEST_TEXT = 512;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final StringBuilder json;

    private Fields(StringBuilder json) {
        this.json = json;
    }

    /** Those that begin each line; {@link AuditLine} reads them again. */
    static Fields begin(AuditHead previous, Instant at, String event) {
        Fields fields = new Fields(new StringBuilder(512).append("{\"prev\":").append(quoted(previous.hash())));
        return fields.number("seq", previous.sequence() + 1)
                .text("time", time(at))
                .text("event", event);
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    Fields text(String name, String value) {
        return raw(name, quoted(value));
    }

    Fields texts(String name, Collection<String> values) {
        return raw(name, values.stream().sorted().map(Fields::quoted).collect(Collectors.joining(",", "[", "]")));
    }

    Fields number(String name, long value) {
        return raw(name, Long.toString(value));
    }

    Fields address(String name, InetAddress address) {
        return text(name, IpLiteral.format(address));
    }

    /** Who: the label, and what tells one from all others. */
    Fields client(Client client) {
        return text("client", client.name())
                .text("fingerprint", client.fingerprint())
                .text("issuer", client.certificate().getIssuerX500Principal().getName())
                .text("serial", client.certificate().getSerialNumber().toString(16));
    }

    /** The whole line with its end. */
    String end() {
        return json.append("}\n").toString();
    }

    private Fields raw(String name, String value) {
        json.append(",\"").append(name).append("\":").append(value);
        return this;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < LONGEST_TEXT; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                quoted.append(c);
            } else {
                quoted.append(String.format("\\u%04x", (int) c));
            }
        }
        return quoted.append('"').toString();
    }
}
