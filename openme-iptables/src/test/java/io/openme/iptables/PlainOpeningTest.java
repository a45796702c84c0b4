package io.openme.iptables;

import static io.openme.iptables.Addresses.SOURCE4;
import static io.openme.iptables.Addresses.SOURCE6;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Opening;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainOpeningTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.5Z");

    @Test
    void readsWhatItWrites() {
        for (Opening opening : List.of(new Opening(SOURCE4, "ssh"), new Opening(SOURCE6, "web-admin"))) {
            PlainOpening plain = PlainOpening.of(opening, Duration.ofMinutes(5), NOW);
            String rule = plain.rule("openme.1", Side.RECEIVER).strip();

            assertThat(PlainOpening.parse(rule)).contains(plain);
            // As iptables-save prints it.
            assertThat(PlainOpening.parse(rule.replaceAll("(openme:\\S+)", "\"$1\"")))
                    .contains(plain);
        }
        assertThat(PlainOpening.parse("-A openme.1 -s 203.0.113.9/32 -j RETURN"))
                .isEmpty();
    }

    @Test
    void isNoRuleThatHasNoDateOrNoAddress() {
        String rule = PlainOpening.of(new Opening(SOURCE4, "ssh"), Duration.ofMinutes(5), NOW)
                .rule("openme.1", Side.SENDER)
                .strip();

        assertThat(PlainOpening.parse(rule.replaceAll("datestop \\S+", "datestop 2030-13-01T00:00:00")))
                .isEmpty();
        assertThat(PlainOpening.parse(rule.replaceAll("-s \\S+", "-s 203...113.9/32")))
                .isEmpty();
    }

    @Test
    void endsWithinASecondAfterItsLifetimeAndNotBefore() {
        PlainOpening plain = PlainOpening.of(new Opening(SOURCE4, "ssh"), Duration.ofSeconds(2), NOW);

        // The kernel matches during the whole of the second that it is told.
        assertThat(plain.until()).isEqualTo("2026-01-02T03:04:07Z");
        assertThat(PlainOpening.of(plain.opening(), Duration.ofMillis(1500), NOW)
                        .until())
                .isEqualTo("2026-01-02T03:04:06Z");
        assertThat(plain.isOver(NOW.plusSeconds(2))).isFalse();
        assertThat(plain.isOver(NOW.plusSeconds(3))).isTrue();
    }

    @Test
    void neverEndsLaterThanTheKernelCanBeTold() {
        assertThat(PlainOpening.of(new Opening(SOURCE4, "ssh"), Duration.ofSeconds(Long.MAX_VALUE), NOW)
                        .until())
                .isEqualTo("2038-01-19T03:14:07Z");
    }
}
