package io.openme.firewall;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.Reach;
import java.util.Map;
import java.util.Optional;

class InProcessContractTest extends FirewallContract {
    /** Nothing but the firewall's own object, which servers ask. */
    private static final HostUnderTest JVM = new HostUnderTest() {
        @Override
        public Map<String, String> options() {
            return Map.of();
        }

        @Override
        public void clear() {
            // Each firewall takes what it holds with it.
        }

        @Override
        public Optional<String> state() {
            return Optional.empty();
        }

        @Override
        public Optional<Reach> reach() {
            return Optional.of((firewall, source, service) ->
                    firewall instanceof InProcessFirewall asked && asked.admits(source, service.name()));
        }
    };

    @Override
    protected FirewallProvider provider() {
        return new InProcessFirewallProvider();
    }

    @Override
    protected HostUnderTest host() {
        return JVM;
    }
}
