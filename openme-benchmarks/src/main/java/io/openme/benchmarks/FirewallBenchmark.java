package io.openme.benchmarks;

import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a backend on the real kernel, in network namespaces of its own.
 *
 * <p>What is measured runs in a JVM within the namespace of the server, so that the backend needs no command prefix that
 * would cost time of its own.
 */
final class FirewallBenchmark {
    private FirewallBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the backend's name, perhaps {@code --quick}, and options of the backend as {@code KEY=VALUE}
     * @return 0, or another number if it failed, which was printed
     */
    static int run(List<String> arguments, PrintStream out) throws IOException, InterruptedException {
        try (TestNetwork network = TestNetwork.create()) {
            Host client = network.client();
            Host server = network.server();
            client.run("ip", "route", "add", "local", Sources.NETWORK, "dev", "lo")
                    .orThrow();
            server.run("ip", "route", "add", Sources.NETWORK, "via", address(client))
                    .orThrow();
            List<String> worker = new ArrayList<>(java(FirewallWorker.class));
            worker.add(String.join(" ", client.prefix()));
            worker.add(address(server));
            worker.addAll(arguments);
            Process process = server.start(worker.toArray(String[]::new));
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    out.println(line);
                }
            }
            return process.waitFor();
        }
    }

    /** The command that runs this class as this JVM would. */
    static List<String> java(Class<?> main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    private static String address(Host host) {
        return host.ipv4().get(0).getHostAddress();
    }
}
