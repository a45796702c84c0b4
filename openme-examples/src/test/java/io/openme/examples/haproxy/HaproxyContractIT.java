package io.openme.examples.haproxy;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestNetworkExtension.class)
class HaproxyContractIT extends FirewallContract {
    private final HaproxyHost host;

    HaproxyContractIT(TestNetwork network, @TempDir Path directory) throws IOException {
        host = new HaproxyHost(network, directory);
    }

    @AfterAll
    void stop() throws IOException {
        host.close();
    }

    @Override
    protected FirewallProvider provider() {
        return new HaproxyProvider();
    }

    @Override
    protected HostUnderTest host() {
        return host;
    }
}
