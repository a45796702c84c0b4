package io.openme.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the benchmark still runs and still finds everything opened and everything gone. It looks at no time. */
class FirewallBenchmarkIT {
    @ParameterizedTest
    @ValueSource(strings = {"nftables", "iptables"})
    void measuresABackend(String backend) throws IOException, InterruptedException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();

        int code = FirewallBenchmark.run(
                List.of(backend, Plan.QUICK, "timeout=20s"), new PrintStream(output, true, StandardCharsets.UTF_8));

        assertThat(output.toString(StandardCharsets.UTF_8))
                .startsWith(backend)
                .containsPattern("(?m)^  100 +[0-9.]+ ms .* [0-9.]+$")
                .containsPattern("(?m)^  8 +40 ")
                .contains("kernel alone: listed as gone", "doorman: listed as gone", "doorman: closed the last");
        assertThat(code).isZero();
    }
}
