package io.openme.firewall;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import java.util.Map;
import java.util.Optional;

class DryRunContractTest extends FirewallContract {
    private static final HostUnderTest NOWHERE = new HostUnderTest() {
        @Override
        public Map<String, String> options() {
            return Map.of();
        }

        @Override
        public void clear() {
            // Nothing is ever put there.
        }

        @Override
        public Optional<String> state() {
            return Optional.empty();
        }
    };

    @Override
    protected FirewallProvider provider() {
        return new DryRunFirewallProvider();
    }

    @Override
    protected HostUnderTest host() {
        return NOWHERE;
    }
}
