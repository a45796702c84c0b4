package io.openme.protocol;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A word with parameters, as every line of {@code openme/2} is one: {@code OPEN services=ssh lifetime=600}.
 *
 * @param word upper-case letters
 * @param parameters by their names, in their order
 */
record Line(String word, Map<String, String> parameters) {
    private static final Pattern WORD = Pattern.compile("[A-Z]{1,16}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern VALUE = Pattern.compile("[!-~]+");
    private static final Pattern SERVICE = Pattern.compile("[a-z][a-z0-9-]{0,30}");
    private static final Pattern SECONDS = Pattern.compile("0|[1-9][0-9]{0,8}");

    static Line of(String word) {
        return new Line(word, new LinkedHashMap<>());
    }

    Line with(String name, String value) {
        parameters.put(name, value);
        return this;
    }

    Line with(String name, InetAddress address) {
        return with(name, IpLiteral.format(address));
    }

    /** Whole seconds, rounded down. */
    Line with(String name, Duration time) {
        return with(name, Long.toString(time.toSeconds()));
    }

    /** In alphabetical order, so that the same line is always the same text. */
    Line with(String name, Collection<String> services) {
        return with(name, String.join(",", new TreeSet<>(services)));
    }

    static Line parse(String text) throws MalformedLineException {
        String[] parts = text.split(" ", -1);
        if (!WORD.matcher(parts[0]).matches()) {
            throw malformed("it does not begin with a word in capital letters");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String name = parts[i].substring(0, Math.max(0, equals));
            String value = parts[i].substring(equals + 1);
            if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                throw malformed("after the word there are name=value, with one blank before each");
            }
            if (parameters.put(name, value) != null) {
                throw malformed(name + " is there twice");
            }
        }
        return new Line(parts[0], parameters);
    }

    /** @throws MalformedLineException if there is a parameter beside these */
    void requireOnly(String... known) throws MalformedLineException {
        for (String name : parameters.keySet()) {
            if (!Arrays.asList(known).contains(name)) {
                throw new MalformedLineException(Refusal.UNSUPPORTED, name + " is no parameter of " + word);
            }
        }
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    Optional<InetAddress> address(String name) throws MalformedLineException {
        String value = parameters.get(name);
        if (value == null) {
            return Optional.empty();
        }
        return Optional.of(IpLiteral.parse(value).orElseThrow(() -> malformed(name + " is no address")));
    }

    /** Seconds, from 0. */
    Optional<Duration> seconds(String name) throws MalformedLineException {
        String value = parameters.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!SECONDS.matcher(value).matches()) {
            throw malformed(name + " is no number of seconds");
        }
        return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }

    /** Empty if there are none. */
    Set<String> services(String name) throws MalformedLineException {
        String value = parameters.get(name);
        if (value == null) {
            return Set.of();
        }
        Set<String> services = new TreeSet<>();
        for (String service : value.split(",", -1)) {
            if (!SERVICE.matcher(service).matches()) {
                throw malformed("no service has such a name");
            }
            services.add(service);
        }
        return services;
    }

    static MalformedLineException malformed(String message) {
        return new MalformedLineException(Refusal.BAD_REQUEST, message);
    }

    /** Without a line end. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(word);
        parameters.forEach(
                (name, value) -> text.append(' ').append(name).append('=').append(value));
        return text.toString();
    }
}
