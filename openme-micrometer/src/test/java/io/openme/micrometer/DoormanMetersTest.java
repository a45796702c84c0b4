package io.openme.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.openme.doorman.Doorman;
import io.openme.firewall.InProcessFirewall;
import io.openme.knocker.Knocker;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DoormanMetersTest {
    private static final TestCa CA = TestCa.create();
    private static final Duration TOOK = Duration.ofMillis(7);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ManualTime time = new ManualTime(Instant.now());

    @Test
    void aKnockAtARealDoormanIsCountedAndTimed() {
        try (Doorman doorman = doorman()) {
            new DoormanHealthMeters(doorman).bindTo(registry);
            doorman.start();
            knock(doorman, CA);
            knock(doorman, TestCa.create());

            assertThat(timer("openme.handshakes", "outcome", "accepted").count())
                    .isEqualTo(1);
            assertThat(timer("openme.handshakes", "outcome", "refused").count()).isEqualTo(1);
            var commands = timer("openme.commands", "command", "open", "outcome", "ok");
            assertThat(commands.count()).isEqualTo(1);
            assertThat(commands.totalTime(TimeUnit.NANOSECONDS)).isPositive();
            // One installs the guard.
            assertThat(timer("openme.firewall.transactions", "outcome", "ok").count())
                    .isEqualTo(2);
            assertThat(registry.get("openme.openings").gauge().value()).isEqualTo(1);
            assertThat(registry.get("openme.grants").gauge().value()).isEqualTo(1);
        }
    }

    @Test
    void theHealthOfARealDoormanIsInGauges() {
        Doorman doorman = doorman();
        new DoormanHealthMeters(doorman, Tags.empty(), time.clock()).bindTo(registry);
        try (doorman) {
            assertThat(gauge("openme.listening")).isZero();
            doorman.start();
            assertThat(gauge("openme.listening")).isEqualTo(1);
            assertThat(gauge("openme.firewall.in.order")).isEqualTo(1);
            assertThat(gauge("openme.reload.failing")).isZero();
            assertThat(gauge("openme.openings")).isZero();
            assertThat(gauge("openme.connections")).isZero();
            assertThat(gauge("openme.revocations.remaining")).isNaN();
            assertThat(registry.get("openme.certificate.remaining").timeGauge().value(TimeUnit.DAYS))
                    .isBetween(28.9, 29.1);
            time.advance(Duration.ofDays(30));
            assertThat(registry.get("openme.certificate.remaining").timeGauge().value(TimeUnit.DAYS))
                    .isBetween(-1.1, -0.9);
        }
        assertThat(gauge("openme.listening")).isZero();
    }

    @Test
    void noPeerMakesTags() {
        DoormanMeters meters = new DoormanMeters(registry);
        for (int i = 0; i < 1000; i++) {
            meters.answered("command " + i, "outcome " + i, TOOK);
        }
        for (Refusal each : Refusal.values()) {
            meters.answered("open", each.word(), TOOK);
        }

        assertThat(registry.getMeters()).hasSize(1 + Refusal.values().length);
        assertThat(timer("openme.commands", "command", "other", "outcome", "other")
                        .count())
                .isEqualTo(1000);
        assertThat(timer("openme.commands", "command", "open", "outcome", "not-permitted")
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(7);
    }

    @Test
    void whatFailsIsApartFromWhatWorks() {
        DoormanMeters meters = new DoormanMeters(registry, Tags.of("door", "front"));
        meters.applied(5, true, TOOK);
        meters.applied(1, false, TOOK);
        meters.reloaded(false, TOOK);

        assertThat(timer("openme.firewall.transactions", "outcome", "failed", "door", "front")
                        .count())
                .isEqualTo(1);
        assertThat(timer("openme.reloads", "outcome", "failed", "door", "front").count())
                .isEqualTo(1);
        assertThat(registry.get("openme.firewall.changes").summary().totalAmount())
                .isEqualTo(6);
    }

    private Doorman doorman() {
        return Doorman.builder()
                .identity(identity(CA.server("127.0.0.1").issue()))
                .trust(Trust.of(CA.certificate()))
                .listen(new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), 0))
                .service("ssh", "22/tcp")
                .firewall(new InProcessFirewall())
                .metrics(new DoormanMeters(registry))
                .build();
    }

    private static void knock(Doorman doorman, TestCa clients) {
        Knocker.builder()
                .identity(identity(clients.client("alice").issue()))
                .trust(Trust.of(CA.certificate()))
                .server("127.0.0.1", doorman.port())
                .build()
                .open();
    }

    private static Identity identity(TestCertificate certificate) {
        return Identity.of(certificate.key(), certificate.chain());
    }

    private io.micrometer.core.instrument.Timer timer(String name, String... tags) {
        return registry.get(name).tags(tags).timer();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }
}
