package io.openme.benchmarks;

import io.openme.benchmarks.attack.AttackSuite;
import io.openme.benchmarks.attack.Plot;
import io.openme.benchmarks.attack.Soak;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import org.opentest4j.TestAbortedException;

/** Starts what the first argument names. */
public final class Program {
    private static final String USAGE = """
            usage: java -jar benchmarks.jar pure [options of JMH]
                   java -jar benchmarks.jar firewall BACKEND [--quick] [OPTION=VALUE...]
                   java -jar benchmarks.jar %s
                   java -jar benchmarks.jar %s
                   java -jar benchmarks.jar %s""".formatted(AttackSuite.USAGE, Soak.USAGE, Plot.USAGE);

    private Program() {}

    /** What the usage names, and what that takes. */
    public static void main(String[] arguments) throws Exception {
        String what = arguments.length == 0 ? "" : arguments[0];
        if (what.equals("pure")) {
            Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else if (what.equals("firewall") && arguments.length > 1) {
            System.exit(inNetwork(() -> FirewallBenchmark.run(rest(arguments), System.out)));
        } else if (what.equals("attack")) {
            System.exit(inNetwork(() -> AttackSuite.run(rest(arguments), System.out)));
        } else if (what.equals("soak")) {
            System.exit(inNetwork(() -> Soak.run(rest(arguments), System.out)));
        } else if (what.equals("plot")) {
            System.exit(inNetwork(() -> Plot.run(rest(arguments))));
        } else {
            System.err.println(USAGE);
            System.exit(2);
        }
    }

    private static List<String> rest(String[] arguments) {
        return List.of(arguments).subList(1, arguments.length);
    }

    private static int inNetwork(Callable<Integer> task) throws Exception {
        try {
            return task.call();
        } catch (TestAbortedException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
    }
}
