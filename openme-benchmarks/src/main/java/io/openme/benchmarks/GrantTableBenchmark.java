package io.openme.benchmarks;

import io.openme.doorman.Client;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.grants.GrantTable.Wish;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.testkit.TestCa;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a knock costs the table of grants, with so many grants in it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GrantTableBenchmark {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final Client CLIENT =
            Client.of(TestCa.create().client("alice").issue().certificate());

    @Param({"1", "10000"})
    private int grants;

    private GrantTable table = new GrantTable(1);
    private List<Opening> oneMore = List.of();
    private List<Opening> known = List.of();
    private Instant now = NOW;

    static GrantTableBenchmark of(int grants) {
        GrantTableBenchmark benchmark = new GrantTableBenchmark();
        benchmark.grants = grants;
        benchmark.fill();
        return benchmark;
    }

    /** Called by JMH before the measurement. Ends are a second apart, as those of clients who come one by one. */
    @Setup
    public void fill() {
        table = new GrantTable(grants + 1);
        GrantTable.Transaction transaction = table.begin();
        for (int i = 0; i < grants; i++) {
            transaction.open(new Wish(CLIENT, List.of(opening(i)), NOW.plusSeconds(86_400 + i)));
        }
        transaction.commit();
        oneMore = List.of(opening(grants));
        known = List.of(opening(grants / 2));
        now = NOW;
    }

    /** One more grant comes and is taken back: two transactions. */
    @Benchmark
    public List<Change> openAndClose() {
        commit(transaction -> transaction.open(new Wish(CLIENT, oneMore, end())));
        return commit(transaction -> transaction.close(CLIENT, oneMore::contains));
    }

    /** A grant that is there gets a later end. */
    @Benchmark
    public List<Change> renew() {
        return commit(transaction -> transaction.open(new Wish(CLIENT, known, end())));
    }

    private interface Step {
        Object in(GrantTable.Transaction transaction);
    }

    /** As the writer does it: what has ended goes with each transaction. */
    private List<Change> commit(Step step) {
        now = now.plusNanos(1000);
        GrantTable.Transaction transaction = table.begin();
        transaction.expire(now);
        step.in(transaction);
        List<Change> changes = transaction.changes(now);
        transaction.commit();
        return changes;
    }

    private Instant end() {
        return now.plus(Duration.ofHours(1));
    }

    private static Opening opening(int number) {
        return new Opening(Sources.of(number), "ssh");
    }
}
