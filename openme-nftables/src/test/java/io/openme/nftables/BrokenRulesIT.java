package io.openme.nftables;

import static java.util.Objects.requireNonNull;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;

import io.openme.spi.FirewallProvider;
import io.openme.testkit.FirewallContract;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Shows that the rules of the contract that are about packets catch a firewall that breaks them: nft gets other rules. */
@ExtendWith(TestNetworkExtension.class)
class BrokenRulesIT {
    private static @Nullable HostUnderTest underTest;

    private final TestNetwork network;

    BrokenRulesIT(TestNetwork network) {
        this.network = network;
    }

    /** What is tried: not found by itself, since its name does not say that it is a test. */
    static final class Candidate extends FirewallContract {
        @Override
        protected FirewallProvider provider() {
            return new NftablesProvider();
        }

        @Override
        protected HostUnderTest host() {
            return requireNonNull(underTest);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "§8.1 | does not guard UDP                  | s/udp dport vmap .*/counter/",
                "§8.2 | opens the first range only          | s/2090-2094 : goto check-[0-9]/2090-2094 : drop/",
                "§8.3 | forgets one service of a shared port| s/ip saddr @admin-ipv4 accept/counter/",
                "§8.4 | judges what has been forwarded      | s/hook prerouting priority dstnat - 10/hook input priority 0/",
                "§8.5 | guards loopback                     | s/iif .lo. accept/counter/",
                "§8.6 | guards what passes through          | s/fib daddr type unicast accept/counter/",
                "§8.7 | takes answers for packets of clients| s/ct direction reply .*/counter/",
                "§8.8 | cuts what was there before          | s/ip saddr . tcp sport . tcp dport @earlier4.*/counter/",
                "§8.9 | believes the table local             | /chain delivered/,/}/ s/goto judge/counter/",
                "§8.10 | lets in who is related             | s/ct state established accept/ct state established,related accept/",
                "§8.11 | trusts what is redirected          | s/ct status dnat ct original proto-dst .*/ct status dnat accept/",
                "§8.11 | takes transit for judged          | /ct original proto-dst/ s/goto check-[0-9]*/accept/g",
                "§9.1 | cuts what is established            | s/ct state established accept/counter/",
                "§9.2 | cuts what is established            | s/ct state established accept/counter/",
                "§9.3 | cuts nothing                        | s/ct direction reply ct state/ct state/",
                "§9.4 | cuts nothing                        | s/ct direction reply ct state/ct state/",
                "§9.5 | forgets openings by an install      | /^delete table/,$ s/^add element.*//",
                "§9.6 | lets the host send to anybody       | s/udp sport vmap .*/counter/",
                "§10.1 | counts all sources together        | s/{ ip saddr limit/{ ip daddr limit/",
                "§10.2 | does not forgive                   | s/limit rate over [0-9]*.second/limit rate over 1\\/day/",
                "§10.3 | limits every port                  | s/tcp dport { 2310 } tcp flags .* goto/meta l4proto tcp goto/",
                "§10.4 | counts no networks                 | s/update @door-48.*/counter/",
                "§10.5 | counts loopback                    | s/iif .lo. accept/counter/",
                "§10.7 | lets the established pass first    | s/policy accept;/policy accept; ct state established accept/",
            })
    void areCaught(String rule, String fault, String edit, @TempDir Path directory) throws IOException {
        underTest = new NftablesHost(network, directory, edit);

        EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectMethod(Candidate.class, method(rule)))
                .execute()
                .testEvents()
                .assertThatEvents()
                .haveExactly(1, finishedWithFailure(instanceOf(AssertionError.class)));

        underTest = new NftablesHost(network, directory);
    }

    private static Method method(String rule) {
        return Stream.<Class<?>>iterate(FirewallContract.class, c -> c != Object.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(DisplayName.class))
                .filter(method ->
                        method.getAnnotation(DisplayName.class).value().startsWith(rule + " "))
                .findAny()
                .orElseThrow();
    }
}
