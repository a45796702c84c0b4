package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Change;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ElementsTest {
    private static final InetAddress SOURCE4 = RulesetTest.address(203, 0, 113, 9);
    private static final InetAddress NEXT4 = RulesetTest.address(203, 0, 113, 10);
    private static final InetAddress SOURCE6 =
            RulesetTest.address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);

    private final Elements elements = new Elements("inet openme");

    @Test
    void areNoCommandIfThereAreNone() {
        assertThat(elements.text()).isEmpty();
    }

    @Test
    void openOne() {
        assertThat(elements.open(open(SOURCE4, "ssh")).text())
                .isEqualTo("add element inet openme ssh-ipv4 { 203.0.113.9 timeout 3600s0ms }\n");
    }

    @Test
    void renewByRemovingFirstWhatMayBeThereOrNot() {
        assertThat(elements.renew(open(SOURCE4, "ssh")).text()).isEqualTo("""
                        add element inet openme ssh-ipv4 { 203.0.113.9 timeout 1s }
                        delete element inet openme ssh-ipv4 { 203.0.113.9 }
                        add element inet openme ssh-ipv4 { 203.0.113.9 timeout 3600s0ms }
                        """);
    }

    @Test
    void shareOneCommandForEachSetAndGoBeforeTheyCome() {
        elements.open(open(SOURCE6, "ssh"))
                .close(new Opening(SOURCE4, "ssh"))
                .open(open(SOURCE4, "web"))
                .renew(open(NEXT4, "ssh"))
                .open(open(NEXT4, "web"));

        assertThat(elements.text()).isEqualTo("""
                        add element inet openme ssh-ipv4 { 203.0.113.9 timeout 1s, 203.0.113.10 timeout 1s }
                        delete element inet openme ssh-ipv4 { 203.0.113.9, 203.0.113.10 }
                        add element inet openme ssh-ipv4 { 203.0.113.10 timeout 3600s0ms }
                        add element inet openme ssh-ipv6 { 2001:db8:0:0:0:0:0:9 timeout 3600s0ms }
                        add element inet openme web-ipv4 { 203.0.113.9 timeout 3600s0ms, 203.0.113.10 timeout 3600s0ms }
                        """);
    }

    private static Change.Open open(InetAddress source, String service) {
        return new Change.Open(new Opening(source, service), Duration.ofHours(1));
    }
}
