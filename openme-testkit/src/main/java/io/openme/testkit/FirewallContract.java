package io.openme.testkit;

import io.openme.spi.FirewallProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * What every firewall backend must do, as numbered rules. A backend's test extends this and says which backend it is and
 * which host it is tried on:
 *
 * <pre>{@code
 * class MyContractTest extends FirewallContract {
 *     private final HostUnderTest host = new MyHost();
 *
 *     protected FirewallProvider provider() {
 *         return new MyProvider();
 *     }
 *
 *     protected HostUnderTest host() {
 *         return host;
 *     }
 * }
 * }</pre>
 *
 * <p>Rules that need a {@linkplain io.openme.spi.Capability capability} that the backend does not declare, or something
 * that the host can't show, are skipped and say so. Where the host has a {@linkplain HostUnderTest#network() network}, the
 * rules are tried with real packets, over IPv4 and IPv6, TCP and UDP, to the host and through it to a container.
 *
 * <p>One instance of the class runs all rules, one after the other, in the order of their numbers. A rule that takes longer
 * than two minutes has failed: no method of a firewall blocks without a bound.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.DisplayName.class)
@DisplayNameGeneration(DisplayNameGenerator.Simple.class)
@Timeout(120)
public abstract class FirewallContract extends DoorRules {
    /** For the test that extends it. */
    protected FirewallContract() {}

    /** The backend; each call may make a new one. */
    @Override
    protected abstract FirewallProvider provider();

    /** The host that it works on; the same at each call. */
    @Override
    protected abstract HostUnderTest host();
}
