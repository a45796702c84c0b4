package io.openme.doorman;

import static io.openme.doorman.Clients.address;
import static io.openme.doorman.Clients.held;
import static io.openme.doorman.Clients.opened;
import static io.openme.doorman.Clients.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.testkit.KeyType;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoormanRequestsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final String HOME = "203.0.113.7";
    private static final String CAFE = "198.51.100.23";

    private final ManualTime time = new ManualTime(NOW);
    private final Clients clients = new Clients(TestCa.at(NOW));
    private final Client alice = clients.client("alice");
    private final Client bob = clients.client("bob");
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final List<Doorman> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Doorman::close);
    }

    @Test
    void opensTheNamedServicesForTheTimeAskedFor() throws Exception {
        Doorman doorman = start(AccessPolicy.everyService(Duration.ofHours(1), Duration.ofHours(4)));

        assertThat(say(doorman, alice, HOME, "OPEN services=ssh lifetime=600")).isEqualTo(opened(HOME, 600, "ssh"));
        assertThat(clients.firewall.admits(address(HOME), "ssh")).isTrue();
        assertThat(clients.firewall.admits(address(HOME), "web")).isFalse();
        assertThat(say(doorman, alice, HOME, "OPEN")).isEqualTo(opened(HOME, 3600, "ssh", "web"));
        assertThat(say(doorman, alice, HOME, "OPEN lifetime=999999")).isEqualTo(opened(HOME, 14_400, "ssh", "web"));
        assertThat(heard)
                .containsExactly(
                        "opened [ssh] for " + HOME, "opened [ssh, web] for " + HOME, "renewed [ssh, web] for " + HOME);
    }

    @Test
    void neverGrantsMoreThanWasAskedForNorBeyondTheCertificate() throws Exception {
        Doorman doorman = start((client, request) -> new Decision.Granted(request.services(), Duration.ofDays(365)));
        Client leaving = Client.of(clients.ca
                .client("leaving")
                .valid(NOW.minusSeconds(60), NOW.plusSeconds(90))
                .issue()
                .certificate());

        assertThat(say(doorman, alice, HOME, "OPEN lifetime=5")).isEqualTo(opened(HOME, 5, "ssh", "web"));
        assertThat(say(doorman, leaving, HOME, "OPEN")).isEqualTo(opened(HOME, 90, "ssh", "web"));
        time.advance(Duration.ofMillis(89_500));
        assertThat(say(doorman, leaving, HOME, "OPEN")).isEqualTo(new Reply.Refused(Refusal.NOT_TRUSTED));
    }

    @Test
    void neverGrantsBeyondTheCaThatVouchesForTheClient() throws Exception {
        Clients ofOldCa =
                new Clients(TestCa.create("Old CA", KeyType.P256, NOW, NOW.minusSeconds(60), NOW.plusSeconds(90)));
        Doorman doorman = started(ofOldCa.doorman(everything()).clock(time.clock()));

        assertThat(say(doorman, ofOldCa.client("alice"), HOME, "OPEN")).isEqualTo(opened(HOME, 90, "ssh", "web"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fe80::7", "ff02::1", "::", "224.0.0.1", "255.255.255.255"})
    void opensNoAddressThatMeansSomebodyElseToo(String from) throws Exception {
        assertThat(say(start(everything()), alice, from, "OPEN")).isEqualTo(new Reply.Refused(Refusal.BAD_ADDRESS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPEN services=telnet", "OPEN services=ssh,telnet", "RENEW services=telnet"})
    void refusesAServiceThatIsNotGuarded(String line) throws Exception {
        assertThat(say(start(everything()), alice, HOME, line))
                .isEqualTo(new Reply.Refused(Refusal.SERVICE_NOT_PERMITTED));
        assertThat(heard).isEmpty();
    }

    @Test
    void twoClientsBehindOneAddressDoNotTouchEachOther() throws Exception {
        Doorman doorman = start(everything());
        say(doorman, alice, HOME, "OPEN services=ssh lifetime=60");
        say(doorman, bob, HOME, "OPEN services=ssh lifetime=120");

        assertThat(say(doorman, bob, HOME, "STATUS"))
                .isEqualTo(new Reply.Listed(address(HOME), List.of(held(HOME, "ssh", 120)), 0));
        assertThat(say(doorman, alice, HOME, "CLOSE")).isEqualTo(new Reply.Closed(1));
        assertThat(clients.firewall.admits(address(HOME), "ssh"))
                .as("bob's grant stands behind it")
                .isTrue();
        assertThat(say(doorman, alice, HOME, "CLOSE address=*")).isEqualTo(new Reply.Closed(0));
        assertThat(say(doorman, bob, HOME, "CLOSE")).isEqualTo(new Reply.Closed(1));
        assertThat(clients.firewall.openings()).isEmpty();
    }

    @Test
    void movesAnOpeningToAnotherAddressInOneStep() throws Exception {
        Doorman doorman = start(limited(new Limits(OptionalInt.of(1), Optional.empty())));
        say(doorman, alice, HOME, "OPEN services=ssh");

        assertThat(say(doorman, alice, CAFE, "OPEN services=ssh"))
                .isEqualTo(new Reply.Refused(Refusal.TOO_MANY_ADDRESSES));
        assertThat(say(doorman, alice, CAFE, "OPEN services=ssh replaces=" + HOME))
                .isEqualTo(opened(CAFE, 3600, "ssh"));
        assertThat(clients.firewall.admits(address(CAFE), "ssh")).isTrue();
        assertThat(clients.firewall.admits(address(HOME), "ssh")).isFalse();
        assertThat(heard)
                .containsExactly("opened [ssh] for " + HOME, "opened [ssh] for " + CAFE, "closed [ssh] for " + HOME);
    }

    @Test
    void replacesNothingOfAnotherClientAndNothingIfItIsTheSameAddress() throws Exception {
        Doorman doorman = start(everything());
        say(doorman, bob, HOME, "OPEN services=ssh");
        say(doorman, alice, CAFE, "OPEN services=ssh replaces=" + HOME);
        assertThat(clients.firewall.admits(address(HOME), "ssh")).isTrue();

        say(doorman, alice, CAFE, "OPEN services=ssh replaces=" + CAFE);
        assertThat(clients.firewall.admits(address(CAFE), "ssh")).isTrue();
    }

    @Test
    void aGuestIsOpenedAndClosedByTheClientThatBroughtIt() throws Exception {
        Doorman doorman = start(everything());
        assertThat(say(doorman, alice, HOME, "OPEN address=" + CAFE + " services=web"))
                .isEqualTo(opened(CAFE, 3600, "web"));
        assertThat(clients.firewall.admits(address(HOME), "web")).isFalse();
        assertThat(say(doorman, bob, HOME, "CLOSE address=" + CAFE)).isEqualTo(new Reply.Closed(0));
        assertThat(say(doorman, alice, HOME, "CLOSE address=" + CAFE)).isEqualTo(new Reply.Closed(1));
        assertThat(clients.firewall.openings()).isEmpty();
        assertThat(say(doorman, alice, HOME, "OPEN address=127.0.0.1"))
                .isEqualTo(new Reply.Refused(Refusal.BAD_ADDRESS));
    }

    @Test
    void renewsWhatIsHeldAndNothingElse() throws Exception {
        Doorman doorman = start(everything());
        assertThat(say(doorman, alice, HOME, "RENEW")).isEqualTo(new Reply.Refused(Refusal.NOT_HELD));
        say(doorman, alice, HOME, "OPEN services=ssh lifetime=60");
        time.advance(Duration.ofSeconds(30));

        assertThat(say(doorman, alice, HOME, "RENEW services=ssh,web")).isEqualTo(new Reply.Refused(Refusal.NOT_HELD));
        assertThat(say(doorman, alice, HOME, "RENEW lifetime=100")).isEqualTo(opened(HOME, 100, "ssh"));
        assertThat(say(doorman, alice, CAFE, "STATUS"))
                .isEqualTo(new Reply.Listed(address(CAFE), List.of(held(HOME, "ssh", 100)), 0));
        assertThat(heard).containsExactly("opened [ssh] for " + HOME, "renewed [ssh] for " + HOME);
    }

    @Test
    void countsHowOftenAClientAsks() throws Exception {
        Doorman doorman =
                start(limited(new Limits(OptionalInt.empty(), Optional.of(new Rate(2, Duration.ofMinutes(1))))));
        assertThat(say(doorman, alice, HOME, "OPEN").ok()).isTrue();
        assertThat(say(doorman, alice, HOME, "RENEW").ok()).isTrue();
        assertThat(say(doorman, alice, HOME, "OPEN"))
                .isEqualTo(new Reply.Refused(Refusal.RATE_LIMITED, Optional.of(Duration.ofSeconds(30))));
        assertThat(say(doorman, alice, HOME, "STATUS").ok())
                .as("looking is free")
                .isTrue();
        assertThat(say(doorman, bob, HOME, "OPEN").ok()).isTrue();
        time.advance(Duration.ofSeconds(30));
        assertThat(say(doorman, alice, HOME, "OPEN").ok()).isTrue();
    }

    @Test
    void aClientThatAsksInALoopIsStoppedWhereThePolicySaysNothing() throws Exception {
        Doorman doorman = start(everything());
        for (int i = 0; i < Doorman.DEFAULT_RATE.count(); i++) {
            assertThat(say(doorman, alice, HOME, "OPEN").ok()).isTrue();
            assertThat(say(doorman, alice, HOME, "CLOSE").ok()).isTrue();
        }
        assertThat(say(doorman, alice, HOME, "OPEN"))
                .isEqualTo(new Reply.Refused(Refusal.RATE_LIMITED, Optional.of(Duration.ofSeconds(1))));
        assertThat(say(doorman, bob, HOME, "OPEN").ok()).isTrue();
    }

    @Test
    void onlyAnAdministratorSeesAndClosesWhatOthersHold() throws Exception {
        Doorman doorman = start(new AccessPolicy() {
            @Override
            public Decision decide(Client client, Request request) {
                return new Decision.Granted(request.services(), Duration.ofHours(1));
            }

            @Override
            public boolean administers(Client client) {
                return client.equals(bob);
            }
        });
        say(doorman, alice, HOME, "OPEN services=ssh");
        say(doorman, bob, CAFE, "OPEN services=web");

        assertThat(say(doorman, alice, HOME, "STATUS scope=all")).isEqualTo(new Reply.Refused(Refusal.NOT_PERMITTED));
        assertThat(say(doorman, alice, HOME, "CLOSE client=" + bob.fingerprint()))
                .isEqualTo(new Reply.Refused(Refusal.NOT_PERMITTED));
        assertThat(say(doorman, alice, HOME, "CLOSE client=" + alice.fingerprint()))
                .isEqualTo(new Reply.Closed(1));

        say(doorman, alice, HOME, "OPEN services=ssh");
        assertThat(say(doorman, bob, CAFE, "STATUS scope=all"))
                .isEqualTo(new Reply.Listed(
                        address(CAFE), List.of(owned(alice, HOME, "ssh"), owned(bob, CAFE, "web")), 0));
        assertThat(say(doorman, bob, CAFE, "CLOSE services=web client=" + alice.fingerprint()))
                .isEqualTo(new Reply.Closed(0));
        assertThat(say(doorman, bob, CAFE, "CLOSE client=" + alice.fingerprint()))
                .isEqualTo(new Reply.Closed(1));
        assertThat(say(doorman, bob, CAFE, "CLOSE client=" + "0".repeat(64))).isEqualTo(new Reply.Closed(0));
        assertThat(clients.firewall.admits(address(HOME), "ssh")).isFalse();
        assertThat(clients.firewall.admits(address(CAFE), "web")).isTrue();
    }

    @Test
    void anAdministratorWithNothingOfItsOwnIsNobodyElse() throws Exception {
        Doorman doorman = start(new AccessPolicy() {
            @Override
            public Decision decide(Client client, Request request) {
                return new Decision.Granted(request.services(), Duration.ofHours(1));
            }

            @Override
            public boolean administers(Client client) {
                throw new IllegalStateException("a bug");
            }
        });
        assertThat(say(doorman, alice, HOME, "STATUS scope=all")).isEqualTo(new Reply.Refused(Refusal.NOT_PERMITTED));
    }

    @Test
    void aClientAtItsLimitIsToldSoAndKeepsWhatItHas() throws Exception {
        Doorman doorman =
                started(clients.doorman(everything()).clock(time.clock()).grantsPerClient(2));
        say(doorman, alice, HOME, "OPEN");
        assertThat(say(doorman, alice, CAFE, "OPEN services=ssh"))
                .isEqualTo(new Reply.Refused(Refusal.TOO_MANY_GRANTS));
        assertThat(say(doorman, alice, CAFE, "STATUS").lines()).hasSize(3);
        say(doorman, alice, HOME, "CLOSE services=web");
        assertThat(say(doorman, alice, CAFE, "OPEN services=ssh").ok()).isTrue();
    }

    @Test
    void listsNoMoreThanItMayAndSaysHowManyMoreThereAre() throws Exception {
        Doorman doorman = started(clients.doorman(everything())
                .clock(time.clock())
                .grantsPerClient(300)
                .noRatePerClient());
        for (int i = 0; i < 258; i++) {
            say(doorman, alice, HOME, "OPEN services=ssh address=192.0." + i / 250 + "." + (1 + i % 250));
        }
        Reply.Listed listed = (Reply.Listed) say(doorman, alice, HOME, "STATUS");
        assertThat(listed.held()).hasSize(256);
        assertThat(listed.more()).isEqualTo(2);
    }

    @Test
    void saysHowItIs() throws Exception {
        Doorman doorman = clients.doorman(everything()).clock(time.clock()).build();
        assertThat(doorman.health().serving()).isFalse();
        started.add(doorman);
        doorman.start();
        say(doorman, alice, HOME, "OPEN");
        say(doorman, bob, HOME, "OPEN services=ssh");

        Health health = doorman.health();
        assertThat(health.serving()).isTrue();
        assertThat(health.problems()).isEmpty();
        assertThat(health.grants()).isEqualTo(3);
        assertThat(health.openings()).isEqualTo(2);
        assertThat(health.certificateEnd())
                .isEqualTo(clients.server.certificate().getNotAfter().toInstant());
    }

    private static Reply.Held owned(Client owner, String address, String service) {
        return new Reply.Held(
                address(address),
                service,
                Duration.ofHours(1),
                Optional.of(new Reply.Owner(owner.fingerprint(), owner.name())));
    }

    private static AccessPolicy everything() {
        return AccessPolicy.everyService(Duration.ofHours(1));
    }

    private static AccessPolicy limited(Limits limits) {
        return (client, request) ->
                new Decision.Granted(request.services(), Duration.ofHours(1), limits, Optional.of("limited"));
    }

    private Doorman start(AccessPolicy policy) {
        return started(clients.doorman(policy).clock(time.clock()));
    }

    private Doorman started(DoormanBuilder builder) {
        Doorman doorman = builder.listener(new DoormanListener() {
                    @Override
                    public void opened(Opened event) {
                        hear("opened ", event.services(), event.address());
                    }

                    @Override
                    public void renewed(Renewed event) {
                        hear("renewed ", event.services(), event.address());
                    }

                    @Override
                    public void closed(Closed event) {
                        hear("closed ", event.services(), event.address());
                    }
                })
                .build();
        started.add(doorman);
        doorman.start();
        return doorman;
    }

    private void hear(String what, Set<String> services, InetAddress address) {
        heard.add(what + services.stream().sorted().toList() + " for " + address.getHostAddress());
    }
}
