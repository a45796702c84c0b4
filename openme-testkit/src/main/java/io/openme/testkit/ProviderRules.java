package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.openme.spi.Availability;
import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapter 1: being chosen, probed and opened. */
abstract class ProviderRules extends ContractFixture {
    private static final String KEBAB_CASE = "[a-z][a-z0-9]*(-[a-z0-9]+)*";
    private static final Duration PROBE = Duration.ofSeconds(5);

    @Test
    @DisplayName("§1.1 has a name in kebab case, the same at each call")
    void hasAName() {
        assertThat(provider().name()).matches(KEBAB_CASE).isEqualTo(provider().name());
    }

    @Test
    @DisplayName("§1.2 is a public class with a public constructor without parameters")
    void canBeMadeByTheServiceLoader() throws ReflectiveOperationException {
        Class<?> type = provider().getClass();

        assertThat(Modifier.isPublic(type.getModifiers()))
                .as(type + " is public")
                .isTrue();
        assertThat(type.getConstructor().newInstance()).isInstanceOf(type);
    }

    @Test
    @DisplayName("§1.3 names its options in kebab case, and knows those that lead it to this host")
    void namesItsOptions() {
        assertThat(provider().options())
                .allMatch(key -> key.matches(KEBAB_CASE))
                .containsAll(host().options().keySet());
    }

    @Test
    @DisplayName("§1.4 has a negative priority if it does not enforce anything")
    void neverWinsWithoutEnforcing() {
        if (!firewall().capabilities().contains(Capability.ENFORCING)) {
            assertThat(provider().priority()).isNegative();
        }
    }

    @Test
    @DisplayName("§1.5 finds within 5 seconds that this host is usable, and says what it found")
    void findsTheHostUsable() {
        Availability found = probe(context(Map.of()));

        assertThat(found.usable()).as(found.detail()).isTrue();
        assertThat(found.detail()).isNotBlank();
    }

    @Test
    @DisplayName("§1.6 says within 5 seconds why a host is not usable, and throws nothing")
    void saysWhyAHostIsNotUsable() {
        Map<Reason, Map<String, String>> failures = host().failures();
        failures.forEach((reason, options) -> {
            if (reason != Reason.REJECTED) {
                Availability found = probe(context(options));
                assertThat(found.usable()).as("usable although " + reason).isFalse();
                assertThat(found.detail()).isNotBlank();
            }
        });
    }

    @Test
    @DisplayName("§1.7 changes nothing on the host by being probed or opened, nor by a preview")
    void changesNothingBeforeTheInstall() {
        String before = state();

        provider().probe(context(Map.of()));
        Firewall firewall = firewall();
        firewall.preview(List.of(open(0, SSH)));

        assertThat(state()).isEqualTo(before);
    }

    @Test
    @DisplayName("§1.8 fails for the reason that is the case, and puts nothing on the host then")
    void failsForTheRightReason() {
        host().failures().forEach((reason, options) -> {
            if (reason != Reason.REJECTED) {
                String before = host().state().orElse("");
                fails(reason, () -> firewall(context(options)).install(List.of(open(0, SSH))));
                assertThat(host().state().orElse("")).as("after " + reason).isEqualTo(before);
            }
        });
    }

    @Test
    @DisplayName("§1.9 previews without permission, and without the host's tool")
    void previewsWithoutPermission() {
        List<Map<String, String>> without = Stream.of(Reason.NOT_PERMITTED, Reason.NOT_INSTALLED)
                .map(host().failures()::get)
                .filter(Objects::nonNull)
                .toList();
        if (without.isEmpty()) {
            abort("no way is known to keep " + provider().name() + " from its host");
        }
        for (Map<String, String> options : without) {
            assertThat(firewall(context(options)).preview(List.of(open(0, SSH))))
                    .contains(source(0).getHostAddress());
        }
    }

    @Test
    @DisplayName("§1.10 refuses a service of a protocol that it can't guard, probed and opened, as NOT_SUPPORTED")
    void refusesAProtocolThatItCanNotGuard() {
        Set<Protocol> strange = EnumSet.allOf(Protocol.class);
        strange.removeAll(host().protocols());
        if (strange.isEmpty()) {
            abort(provider().name() + " guards every protocol");
        }
        for (Protocol protocol : strange) {
            Service service = Service.of("strange", "2040/" + protocol);
            FirewallContext context = context(OWNER, List.of(SSH, service), Map.of(), OnClose.KEEP_GUARD);

            Availability found = probe(context);
            assertThat(found.usable()).as("usable for " + service).isFalse();
            assertThat(found.detail()).contains(service.name());
            fails(Reason.NOT_SUPPORTED, () -> firewall(context));
        }
    }

    private Availability probe(FirewallContext context) {
        long start = System.nanoTime();
        Availability found = provider().probe(context);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROBE);
        return found;
    }
}
