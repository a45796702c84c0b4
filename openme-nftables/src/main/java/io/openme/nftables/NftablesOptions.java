package io.openme.nftables;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The backend's settings, read from their text.
 *
 * @param command what goes before each command
 * @param nft the program
 * @param timeout for each run of a program
 * @param maxOpenings how many openings a service can have at a time, for each of IPv4 and IPv6
 */
record NftablesOptions(List<String> command, String nft, Duration timeout, int maxOpenings) {
    static final Set<String> KEYS = Set.of("command", "nft", "timeout", "max-openings");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s)");
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    private static final Pattern COUNT = Pattern.compile("\\d{1,7}");
    private static final int MOST_OPENINGS = 1 << 20;

    static NftablesOptions of(Map<String, String> options) {
        return new NftablesOptions(
                words(options.getOrDefault("command", "")),
                program(options.getOrDefault("nft", "nft")),
                duration(options.getOrDefault("timeout", "5s")),
                count(options.getOrDefault("max-openings", "65536")));
    }

    /**
     * What the kernel's bound of a set is. It counts elements that are over until it collects them, up to a second later, and
     * one more while one is replaced: so that neither keeps out an opening for which there is room, or a close.
     */
    int setSize() {
        return 2 * maxOpenings + 1;
    }

    private static List<String> words(String text) {
        return Pattern.compile("\\s+")
                .splitAsStream(text)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static String program(String text) {
        if (text.isBlank() || text.startsWith("-")) {
            throw bad("nft", text, "the name or the path of a program, such as /usr/sbin/nft");
        }
        return text;
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration duration = matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (!duration.isZero() && duration.compareTo(LONGEST_TIMEOUT) <= 0) {
                return duration;
            }
        }
        throw bad("timeout", text, "a time up to 60s, such as 5s or 500ms");
    }

    private static int count(String text) {
        int count = COUNT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (count < 1 || count > MOST_OPENINGS) {
            throw bad("max-openings", text, "a number from 1 to " + MOST_OPENINGS);
        }
        return count;
    }

    private static FirewallException bad(String key, String value, String form) {
        return new FirewallException(
                Reason.MISCONFIGURED, "option " + key + " of nftables is \"" + value + "\"; it takes " + form);
    }
}
