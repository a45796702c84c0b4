package io.openme.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Change;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class PureBenchmarksTest {
    @Test
    void runEachOnce() throws RunnerException {
        List<RunResult> results = List.copyOf(new Runner(new OptionsBuilder()
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(1))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run());

        assertThat(results)
                .extracting(result -> result.getParams().getBenchmark().replaceAll(".*\\.(?=.*\\.)", ""))
                .containsOnly(
                        "GrantTableBenchmark.openAndClose",
                        "GrantTableBenchmark.renew",
                        "SessionBenchmark.knock",
                        "TrustBenchmark.verify");
    }

    /** What is measured is the change of one opening, however many there are. */
    @Test
    void changeOneOpeningOfMany() {
        GrantTableBenchmark benchmark = GrantTableBenchmark.of(100);

        assertThat(benchmark.openAndClose()).singleElement().isInstanceOf(Change.Close.class);
        assertThat(benchmark.renew()).singleElement().isInstanceOf(Change.Open.class);
    }
}
