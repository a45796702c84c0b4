package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.FirewallProvider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The contract passes a correct backend, and catches each broken one by the rules that it breaks. */
class FirewallContractTest {
    private static @Nullable Model underTest;

    /** What is tried: not found by itself, since its name does not say that it is a test. */
    static final class Candidate extends FirewallContract {
        private final Model model = Objects.requireNonNull(underTest);
        private final HostUnderTest host = new ModelHost(model);

        @Override
        protected FirewallProvider provider() {
            return model.provider();
        }

        @Override
        protected HostUnderTest host() {
            return host;
        }
    }

    @Test
    void passesACorrectBackendByEveryRuleThatNeedsNoNetwork() {
        Events tests = run(new Model());

        assertThat(failures(tests)).isEmpty();
        assertThat(rules(tests.succeeded())).containsExactlyElementsOf(rulesWithoutNetwork());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void catchesABrokenBackendByTheRulesThatItBreaks(Broken broken) {
        Events tests = run(broken.model());

        assertThat(rules(tests.failed())).as(failures(tests)).containsExactlyElementsOf(sorted(broken.rules()));
    }

    static List<Broken> backends() {
        return Stream.of(
                        BrokenProviders.ALL,
                        BrokenInstalls.ALL,
                        BrokenChanges.ALL,
                        BrokenStates.ALL,
                        BrokenGuards.ALL,
                        BrokenReach.ALL)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void hasABrokenBackendForEachRuleThatNeedsNoNetwork() {
        assertThat(sorted(backends().stream().map(Broken::rule).toList()))
                .containsExactlyElementsOf(rulesWithoutNetwork());
    }

    private static Events run(Model model) {
        underTest = model;
        return EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(Candidate.class))
                .execute()
                .testEvents();
    }

    /** Chapters 8 to 10 are of packets. */
    private static Set<String> rulesWithoutNetwork() {
        return sorted(Stream.<Class<?>>iterate(FirewallContract.class, c -> c != Object.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(DisplayName.class))
                .map(FirewallContractTest::rule)
                .filter(rule -> !rule.matches("§(8|9|10)\\..*"))
                .toList());
    }

    private static String rule(Method method) {
        return number(method.getAnnotation(DisplayName.class).value());
    }

    private static Set<String> rules(Events tests) {
        return sorted(tests.stream()
                .map(event -> number(event.getTestDescriptor().getDisplayName()))
                .toList());
    }

    private static String number(String displayName) {
        return displayName.split(" ", 2)[0];
    }

    private static Set<String> sorted(Iterable<String> rules) {
        Set<String> sorted = new TreeSet<>();
        rules.forEach(sorted::add);
        return sorted;
    }

    private static String failures(Events tests) {
        return tests.failed().stream()
                .map(event -> event.getTestDescriptor().getDisplayName() + ": "
                        + event.getRequiredPayload(TestExecutionResult.class)
                                .getThrowable()
                                .map(Throwable::toString)
                                .orElse(""))
                .collect(Collectors.joining("\n"));
    }
}
