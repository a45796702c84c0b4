package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** What {@code ipset save} and {@code ipset list -terse} print. */
class SetsFuzzTest {
    private static final Sets SETS =
            new Sets(new Names("openme"), List.of(Service.of("ssh", "22/tcp"), Service.of("web", "80/tcp")), 100);

    @FuzzTest
    void readsOpeningsOfOurServicesOrFailsAsAFirewallDoes(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            Set<Opening> openings = SETS.openings(text);

            for (Opening each : openings) {
                assertThat(each.service()).isIn("ssh", "web");
                assertThat(each.source().toString())
                        .as("nobody was asked for the address of a name")
                        .startsWith("/");
            }
        } catch (FirewallException e) {
            assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(500);
        }
        if (SETS.holdAll(text, 'a', List.of())) {
            assertThat(SETS.names('a')).as("each is listed").allMatch(name -> text.contains("Name: " + name));
        }
    }
}
