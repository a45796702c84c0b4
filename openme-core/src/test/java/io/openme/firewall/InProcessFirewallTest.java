package io.openme.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.testkit.ManualTime;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class InProcessFirewallTest {
    private static final InetAddress HOME = IpLiteral.parse("192.0.2.1").orElseThrow();
    private static final InetAddress OFFICE = IpLiteral.parse("2001:db8::1").orElseThrow();

    private final ManualTime time = new ManualTime(Instant.parse("2026-11-23T08:00:00Z"));
    private final InProcessFirewall firewall = new InProcessFirewall(time.clock());

    @Test
    void admitsNobodyAtFirst() {
        assertThat(firewall.admits(HOME, "web")).isFalse();
    }

    @Test
    void admitsTheAddressToTheServiceForTheLifetimeAndNoLonger() {
        firewall.install(List.of());
        firewall.apply(List.of(open(HOME, 60)));
        assertThat(firewall.admits(HOME, "web")).isTrue();
        assertThat(firewall.admits(HOME, "ssh")).isFalse();
        assertThat(firewall.admits(OFFICE, "web")).isFalse();
        time.advance(Duration.ofSeconds(60));
        assertThat(firewall.admits(HOME, "web")).isFalse();
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void aSecondOpenReplacesTheLifetimeOfTheFirst() {
        firewall.apply(List.of(open(HOME, 60), open(HOME, 10)));
        time.advance(Duration.ofSeconds(10));
        assertThat(firewall.admits(HOME, "web")).isFalse();
    }

    @Test
    void installLeavesExactlyWhatItIsGiven() {
        firewall.apply(List.of(open(HOME, 60)));
        firewall.install(List.of(open(OFFICE, 60)));
        assertThat(firewall.openings()).containsExactly(new Opening(OFFICE, "web"));
    }

    @Test
    void closingWhatIsNotOpenChangesNothing() {
        firewall.apply(List.of(open(HOME, 60)));
        firewall.apply(List.of(new Change.Close(new Opening(OFFICE, "web"))));
        assertThat(firewall.openings()).containsExactly(new Opening(HOME, "web"));
    }

    private static Change.Open open(InetAddress source, int seconds) {
        return new Change.Open(new Opening(source, "web"), Duration.ofSeconds(seconds));
    }
}
