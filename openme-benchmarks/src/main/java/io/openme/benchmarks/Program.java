package io.openme.benchmarks;

import java.util.Arrays;
import org.openjdk.jmh.Main;

/** Starts what the first argument names. */
public final class Program {
    private static final String USAGE = """
            usage: java -jar benchmarks.jar pure [options of JMH]
                   java -jar benchmarks.jar firewall BACKEND [--quick] [OPTION=VALUE...]""";

    private Program() {}

    /** {@code pure} or {@code firewall}, and what they take. */
    public static void main(String[] arguments) throws Exception {
        String what = arguments.length == 0 ? "" : arguments[0];
        switch (what) {
            case "pure" -> Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            default -> {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
    }
}
