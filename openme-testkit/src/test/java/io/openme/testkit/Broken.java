package io.openme.testkit;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A backend with one fault.
 *
 * @param rule the rule of the contract that it is there for
 * @param fault what it does wrong
 * @param model the backend
 * @param alsoBroken other rules that can't but be broken by that
 */
record Broken(String rule, String fault, Model model, List<String> alsoBroken) {
    static Broken backend(String rule, String fault, Model model, String... alsoBroken) {
        return new Broken(rule, fault, model, List.of(alsoBroken));
    }

    static Broken firewall(
            String rule, String fault, Function<FirewallContext, Firewall> broken, String... alsoBroken) {
        return backend(
                rule,
                fault,
                new Model() {
                    @Override
                    Firewall open(FirewallContext context) {
                        checkProtocols(context);
                        return broken.apply(context);
                    }
                },
                alsoBroken);
    }

    List<String> rules() {
        return Stream.concat(Stream.of(rule), alsoBroken.stream()).toList();
    }

    @Override
    public String toString() {
        return rule + " " + fault;
    }
}
