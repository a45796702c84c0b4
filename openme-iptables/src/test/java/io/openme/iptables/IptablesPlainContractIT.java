package io.openme.iptables;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What this host's own iptables is, without sets. */
@ExtendWith(TestNetworkExtension.class)
class IptablesPlainContractIT extends FirewallContract {
    private final IptablesHost host;

    IptablesPlainContractIT(TestNetwork network, @TempDir Path directory) throws IOException {
        host = new IptablesHost(network, directory, Plane.NFT, false);
    }

    @Override
    protected FirewallProvider provider() {
        return new IptablesProvider();
    }

    @Override
    protected HostUnderTest host() {
        return host;
    }
}
