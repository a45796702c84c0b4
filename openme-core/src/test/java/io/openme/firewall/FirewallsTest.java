package io.openme.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Service;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirewallsTest {
    private static final FirewallContext CONTEXT = FirewallContext.of(Service.of("ssh", "22/tcp"));

    /** Opens a firewall of its own kind, so that a test sees which was chosen. */
    private record Backend(String name, int priority, Availability availability, Set<String> options)
            implements FirewallProvider {
        static Backend usable(String name, int priority) {
            return new Backend(name, priority, Availability.usable("here"), Set.of("timeout", "command"));
        }

        @Override
        public Availability probe(FirewallContext context) {
            if (availability.detail().equals("throws")) {
                throw new IllegalStateException("no such device");
            }
            return availability;
        }

        @Override
        public Firewall open(FirewallContext context) {
            throw new Chosen(name);
        }
    }

    private static final class Chosen extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Chosen(String name) {
            super(name);
        }
    }

    @Test
    void findsItsOwnBackendsOnTheClassPath() {
        assertThat(Firewalls.onClassPath().providers())
                .extracting(FirewallProvider::name)
                .containsExactly("dry-run", "in-process");
    }

    @Test
    void takesTheUsableOneOfTheHighestPriority() {
        Firewalls firewalls = Firewalls.of(List.of(
                Backend.usable("low", 1),
                new Backend("high", 9, Availability.unusable("not installed"), Set.of()),
                Backend.usable("middle", 5)));
        assertThatThrownBy(() -> firewalls.openBest(CONTEXT)).hasMessage("middle");
    }

    @Test
    void aTieIsAnErrorThatNamesBoth() {
        Firewalls firewalls = Firewalls.of(List.of(Backend.usable("one", 5), Backend.usable("two", 5)));
        assertThatThrownBy(() -> firewalls.openBest(CONTEXT))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("one and two");
    }

    @Test
    void withNoneUsableEachIsListedWithItsReason() {
        Firewalls firewalls = Firewalls.of(List.of(
                new Backend("gone", 9, Availability.unusable("not installed; apt install it"), Set.of()),
                new Backend("broken", 8, Availability.unusable("throws"), Set.of()),
                Backend.usable("dry", -1)));
        assertThatThrownBy(() -> firewalls.openBest(CONTEXT))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("gone: not installed; apt install it")
                .hasMessageContaining("broken: its probe failed: java.lang.IllegalStateException: no such device")
                .hasMessageContaining("dry: only used when it is named");
    }

    @Test
    void opensTheNamedOneHoweverLowItsPriority() {
        Firewalls firewalls = Firewalls.of(List.of(Backend.usable("high", 9), Backend.usable("dry", -1)));
        assertThatThrownBy(() -> firewalls.open("dry", CONTEXT)).hasMessage("dry");
    }

    @Test
    void anUnknownNameIsAnErrorThatListsTheKnown() {
        Firewalls firewalls = Firewalls.of(List.of(Backend.usable("one", 5), Backend.usable("two", 4)));
        assertThatThrownBy(() -> firewalls.open("three", CONTEXT))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("\"three\"")
                .hasMessageContaining("one, two");
    }

    @Test
    void anUnknownOptionIsAnErrorThatNamesTheNearest() {
        FirewallContext context =
                new FirewallContext("openme", CONTEXT.services(), Map.of("timeuot", "5s"), OnClose.KEEP_GUARD);
        assertThatThrownBy(() -> Firewalls.of(List.of(Backend.usable("one", 5))).open("one", context))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("\"timeuot\"")
                .hasMessageContaining("did you mean timeout?");
    }

    @Test
    void twoOfOneNameAreAnError() {
        assertThatThrownBy(() -> Firewalls.of(List.of(Backend.usable("one", 5), Backend.usable("one", 4))))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("two firewall backends are named one");
    }

    @Test
    void aProviderThatCannotBeLoadedIsLeftOut(@TempDir Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(FirewallProvider.class.getName()), "org.example.NoSuchProvider\n");
        URL[] path = {URI.create(directory.toUri().toString()).toURL()};
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader withBroken = new URLClassLoader(path, before)) {
            thread.setContextClassLoader(withBroken);
            assertThat(Firewalls.onClassPath().providers())
                    .extracting(FirewallProvider::name)
                    .contains("dry-run", "in-process");
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
