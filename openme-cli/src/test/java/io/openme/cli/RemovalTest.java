package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.cli.Removal.Outcome;
import io.openme.cli.Removal.Result;
import io.openme.firewall.Firewalls;
import io.openme.firewall.InProcessFirewall;
import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemovalTest {
    private final List<FirewallContext> opened = new ArrayList<>();

    @Test
    void goesThroughEveryFirewallThatCanHoldSomething() {
        Removal removal = removal(provider("one", 100), provider("two", 0), provider("pretender", -1));

        assertThat(removal.places(Optional.empty())).containsExactly("one", "two");
        assertThat(removal.places(Optional.of("pretender"))).containsExactly("pretender");
    }

    @Test
    void removesWhatIsOfTheOwnerAndLeavesNoGuardWhenItCloses() {
        Outcome outcome = removal(provider("one", 100)).remove("one", false);

        assertThat(outcome.result()).isEqualTo(Result.GONE);
        assertThat(outcome.detail()).isEqualTo("nothing of door-2 is there any more");
        assertThat(opened).singleElement().satisfies(context -> {
            assertThat(context.owner()).isEqualTo("door-2");
            assertThat(context.onClose()).isEqualTo(FirewallContext.OnClose.REMOVE);
        });
    }

    @Test
    void givesTheConfigurationsOptionsToItsFirewallOnly() {
        Removal removal = new Removal(
                Firewalls.of(List.of(provider("one", 1), provider("two", 2))),
                "door-2",
                Optional.of("two"),
                Map.of("command", "sudo -n"));

        removal.remove("one", false);
        removal.remove("two", false);

        assertThat(opened).extracting(FirewallContext::options).containsExactly(Map.of(), Map.of("command", "sudo -n"));
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_INSTALLED, false, ABSENT",
        "NOT_SUPPORTED, false, ABSENT",
        "NOT_INSTALLED, true, FAILED",
        "NOT_SUPPORTED, true, FAILED",
        "NOT_PERMITTED, false, FAILED",
        "MISCONFIGURED, false, FAILED",
        "TIMED_OUT, false, FAILED",
        "FAILED, false, FAILED"
    })
    void tellsAFirewallThatIsNotHereFromOneThatFailed(Reason reason, boolean named, Result result) {
        Removal removal = removal(failing(new FirewallException(reason, "because")));

        Outcome outcome = removal.remove("failing", named);

        assertThat(outcome.result()).isEqualTo(result);
        assertThat(outcome.detail()).endsWith("because");
    }

    @Test
    void takesTheConfiguredFirewallForOneThatIsNeeded() {
        Removal removal = new Removal(
                Firewalls.of(List.of(failing(new FirewallException(Reason.NOT_INSTALLED, "because")))),
                "door-2",
                Optional.of("failing"),
                Map.of());

        assertThat(removal.remove("failing", false).result()).isEqualTo(Result.FAILED);
    }

    @Test
    void isNotStoppedByABrokenFirewall() {
        assertThat(removal(failing(new IllegalStateException("a bug"))).remove("failing", false))
                .isEqualTo(new Outcome("failing", Result.FAILED, "FAILED: java.lang.IllegalStateException: a bug"));
    }

    @Test
    void saysThatADryRunLeavesNothing() {
        Outcome outcome =
                new Removal(Firewalls.onClassPath(), "openme", Optional.empty(), Map.of()).remove("dry-run", true);

        assertThat(outcome).isEqualTo(new Outcome("dry-run", Result.ABSENT, "guards nothing, so it left nothing"));
    }

    @Test
    void refusesAnOwnerThatIsNone() {
        Run run = Run.of(Path.of("nowhere"), "uninstall", "--owner", "Nobody!", "--yes");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\"Nobody!\" is no owner tag");
    }

    @Test
    void isNoSuccessWhereNoFirewallWasLookedAt() {
        Run run = Run.of(Path.of("nowhere"), "uninstall", "--firewall", "dry-run", "--yes");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).contains("guards nothing, so it left nothing");
        assertThat(run.err()).contains("no firewall could be looked at");
    }

    private static Removal removal(FirewallProvider... providers) {
        return new Removal(Firewalls.of(List.of(providers)), "door-2", Optional.empty(), Map.of());
    }

    private FirewallProvider provider(String name, int priority) {
        return new Provider(name, priority) {
            @Override
            public Firewall open(FirewallContext context) {
                opened.add(context);
                return new InProcessFirewall();
            }
        };
    }

    private static FirewallProvider failing(RuntimeException failure) {
        return new Provider("failing", 0) {
            @Override
            public Firewall open(FirewallContext context) {
                throw failure;
            }
        };
    }

    private abstract static class Provider implements FirewallProvider {
        private final String name;
        private final int priority;

        Provider(String name, int priority) {
            this.name = name;
            this.priority = priority;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public Set<String> options() {
            return Set.of("command");
        }

        @Override
        public Availability probe(FirewallContext context) {
            return Availability.usable("here");
        }
    }
}
