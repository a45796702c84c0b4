package io.openme.benchmarks;

import io.openme.firewall.Firewalls;
import io.openme.spi.Availability;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@link FirewallBenchmark} runs in the namespace of the server, whose firewall is this program's alone. */
final class FirewallWorker {
    private FirewallWorker() {}

    /** {@code CLIENT-PREFIX SERVER-ADDRESS BACKEND [--quick] [OPTION=VALUE...]}. */
    public static void main(String[] arguments) throws Exception {
        List<String> rest = List.of(arguments).subList(3, arguments.length);
        Backend backend = new Backend(arguments[2], options(rest));
        System.out.println(backend.name() + ", " + detail(backend) + "; Linux " + System.getProperty("os.version")
                + ", Java " + System.getProperty("java.version") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        Plan plan = Plan.of(rest.contains(Plan.QUICK));
        OneMore.measure(backend, plan).forEach(System.out::println);
        GroupCommit.measure(backend, plan).forEach(System.out::println);
        ExpireTogether.measure(backend, plan, List.of(arguments[0].split(" ", -1)), arguments[1])
                .forEach(System.out::println);
    }

    private static Map<String, String> options(List<String> words) {
        Map<String, String> options = new HashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                options.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return options;
    }

    private static String detail(Backend backend) {
        FirewallProvider provider = Firewalls.onClassPath().providers().stream()
                .filter(candidate -> candidate.name().equals(backend.name()))
                .findFirst()
                .orElseThrow(() -> new FirewallException(
                        FirewallException.Reason.MISCONFIGURED, "there is no backend named " + backend.name()));
        Availability here = provider.probe(backend.context());
        if (!here.usable()) {
            throw new FirewallException(FirewallException.Reason.NOT_SUPPORTED, here.detail());
        }
        return here.detail();
    }
}
