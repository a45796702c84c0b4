package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** What {@code nft list table} prints. */
class ListingFuzzTest {
    private static final Ruleset RULESET =
            new Ruleset(FirewallContext.of(Service.of("ssh", "22/tcp"), Service.of("web", "80/tcp", "443/tcp")), 100);

    @FuzzTest
    void readsOpeningsOfOurServicesOrFailsAsAFirewallDoes(byte[] bytes) {
        String listing = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(Listing.rules(listing)).isLessThanOrEqualTo(listing.lines().count());
        try {
            Set<Opening> openings = Listing.openings(listing, RULESET);

            for (Opening each : openings) {
                assertThat(each.service()).isIn("ssh", "web");
                String source = each.source().toString();
                assertThat(source)
                        .as("nobody was asked for the address of a name")
                        .startsWith("/");
            }
        } catch (FirewallException e) {
            assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(500);
        }
    }
}
