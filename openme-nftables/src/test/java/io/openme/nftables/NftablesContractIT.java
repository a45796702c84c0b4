package io.openme.nftables;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestNetworkExtension.class)
class NftablesContractIT extends FirewallContract {
    private final NftablesHost host;

    NftablesContractIT(TestNetwork network, @TempDir Path directory) throws IOException {
        host = new NftablesHost(network, directory);
    }

    @Override
    protected FirewallProvider provider() {
        return new NftablesProvider();
    }

    @Override
    protected HostUnderTest host() {
        return host;
    }
}
