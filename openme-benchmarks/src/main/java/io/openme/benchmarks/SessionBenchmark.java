package io.openme.benchmarks;

import io.openme.internal.session.KnockSession;
import io.openme.internal.session.Session.Effect;
import io.openme.protocol.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

/** One knock through the session's state machine: from the bytes of a command to those of its answer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SessionBenchmark {
    @Param({"OPENME", "OPENME 203.0.113.9", "OPENME 2001:db8:0:1:2:3:4:5"})
    private String command = "";

    private static final Reply OK = new Reply.Closed(0);

    private byte[] line = {};

    /** Called by JMH before the measurement. */
    @Setup
    public void writeTheLine() {
        line = (command + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** A line that comes in one piece. */
    @Benchmark
    public ByteBuffer knock() {
        KnockSession session = new KnockSession();
        if (session.received(ByteBuffer.wrap(line)) instanceof Effect.Ask
                && session.answered(OK) instanceof Effect.Say say) {
            return say.bytes();
        }
        throw new IllegalStateException("the session does not take " + command);
    }
}
