package io.openme.doorman;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.openme.internal.grants.Grant;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Opening;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JournalTest {
    private static final TestCa CA = TestCa.create();
    private static final Client ALICE = Client.of(CA.client("alice").issue().certificate());
    private static final Client BOB = Client.of(CA.client("bob").issue().certificate());
    private static final InetAddress PEER = IpLiteral.parse("192.0.2.7").orElseThrow();

    private final ManualTime time = new ManualTime(Instant.parse("2026-11-23T12:00:00Z"));
    private final Logger logger = (Logger) LoggerFactory.getLogger(Doorman.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @BeforeEach
    void listen() {
        said.start();
        logger.addAppender(said);
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(said);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    @Test
    void noStrangerIsHeardAboveDebugEvenIfAListenerFails() {
        Journal journal = new Journal(
                List.of(new DoormanListener() {
                    @Override
                    public void refused(Refused event) {
                        throw new IllegalStateException("a bug");
                    }
                }),
                List.of(),
                time.clock());
        for (int i = 0; i < 10_000; i++) {
            journal.refused(PEER, "no certificate\r\nINFO forged", Duration.ofMillis(1));
        }

        // That a listener is broken is its owner's fault, and said once a minute.
        assertThat(loud()).hasSize(1);
        assertThat(said.list).noneMatch(event -> event.getFormattedMessage().contains("\n"));
        time.advance(Duration.ofMinutes(1));
        journal.refused(PEER, "no certificate", Duration.ofMillis(1));
        assertThat(loud()).hasSize(2);
    }

    @Test
    void aClientThatKnocksInALoopFillsNoLogAndHidesNobody() {
        Journal journal = new Journal(List.of(), List.of(), time.clock());
        for (int i = 0; i < 10_000; i++) {
            expire(journal, ALICE);
        }
        expire(journal, BOB);
        assertThat(loud()).hasSize(Volume.MOST + 1).last().asString().contains("bob");

        time.advance(Volume.WINDOW);
        expire(journal, ALICE);
        assertThat(loud())
                .hasSize(Volume.MOST + 3)
                .element(Volume.MOST + 1)
                .asString()
                .contains("9940 more line(s) of alice")
                .contains("since 2026-11-23T12:00:00Z are at DEBUG");
    }

    private void expire(Journal journal, Client client) {
        journal.expired(List.of(new Grant(client, new Opening(PEER, "ssh"), time.now(), false)));
    }

    private List<String> loud() {
        return said.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
