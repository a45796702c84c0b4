package io.openme.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.Main;
import org.opentest4j.TestAbortedException;

/** Starts what the first argument names. */
public final class Program {
    private static final String USAGE = """
            usage: java -jar benchmarks.jar pure [options of JMH]
                   java -jar benchmarks.jar firewall BACKEND [--quick] [OPTION=VALUE...]""";

    private Program() {}

    /** {@code pure} or {@code firewall}, and what they take. */
    public static void main(String[] arguments) throws Exception {
        String what = arguments.length == 0 ? "" : arguments[0];
        if (what.equals("pure")) {
            Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else if (what.equals("firewall") && arguments.length > 1) {
            System.exit(firewall(List.of(arguments).subList(1, arguments.length)));
        } else {
            System.err.println(USAGE);
            System.exit(2);
        }
    }

    private static int firewall(List<String> arguments) throws Exception {
        try {
            return FirewallBenchmark.run(arguments, System.out);
        } catch (TestAbortedException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }
}
