package io.openme.benchmarks;

import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.testkit.TestCrl;
import io.openme.tls.Peer;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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

/** Whether a client's certificate is believed: P-256, issued by the CA itself, with so many certificates revoked. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TrustBenchmark {
    @Param({"1", "10000"})
    private int revoked;

    private final TestCa ca = TestCa.create();
    private final TestCertificate alice = ca.client("alice").issue();
    private Trust trust = Trust.of(ca.certificate());

    /** Called by JMH before the measurement. */
    @Setup
    public void revoke() throws IOException {
        TestCrl crl = ca.crl();
        for (int i = 1; i <= revoked; i++) {
            crl.revoke(BigInteger.valueOf(i));
        }
        Path directory = Files.createTempDirectory("openme-benchmark");
        try {
            trust = Trust.of(ca.certificate()).withCrl(crl.writeTo(directory));
        } finally {
            Scratch.delete(directory);
        }
    }

    /** The check that each handshake makes. */
    @Benchmark
    public Peer verify() throws UntrustedException {
        return trust.verify(alice.chain(), Purpose.CLIENT, Instant.now());
    }
}
