package io.openme.internal.grants;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.Client;
import io.openme.internal.grants.GrantTableProperties.Step.Advance;
import io.openme.internal.grants.GrantTableProperties.Step.Close;
import io.openme.internal.grants.GrantTableProperties.Step.Move;
import io.openme.internal.grants.GrantTableProperties.Step.Open;
import io.openme.internal.grants.GrantTableProperties.Step.Revise;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.testkit.TestCa;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The table against a model that is too simple to be wrong: a map from (client, opening) to the end of the grant. */
class GrantTableProperties {
    private static final Instant START = Instant.parse("2026-11-23T08:00:00Z");
    private static final int MOST = 4;
    private static final List<Client> CLIENTS = clients();
    private static final List<Opening> OPENINGS = openings();

    private record Key(Client client, Opening opening) {}

    /** One batch: its steps are one transaction, which the firewall takes or refuses. */
    private record Batch(List<Step> steps, boolean refused) {}

    sealed interface Step {
        record Open(int client, List<Integer> openings, int seconds) implements Step {}

        record Close(int client, List<Integer> openings) implements Step {}

        // No bound where mostAddresses is 0.
        record Move(
                int client,
                List<Integer> openings,
                int seconds,
                int mostAddresses,
                List<Integer> replaced,
                boolean onlyHeld)
                implements Step {}

        // Taken back where seconds are 0; another grant by now if it has changed.
        record Revise(int client, int opening, int seconds, boolean changed) implements Step {}

        record Advance(int seconds) implements Step {}
    }

    @Property(tries = 5000)
    void whatTheFirewallIsToldAddsUpToWhatTheModelSays(@ForAll("batches") List<Batch> batches) {
        GrantTable table = new GrantTable(MOST);
        GrantBook book = new GrantBook();
        Map<Key, Instant> model = new HashMap<>();
        Map<Opening, Instant> firewall = new HashMap<>();
        Instant now = START;

        for (Batch batch : batches) {
            // As the writer does: time passes between transactions, never within one.
            now = now.plusSeconds(batch.steps.stream()
                    .mapToInt(s -> s instanceof Advance a ? a.seconds : 0)
                    .sum());
            Map<Key, Instant> next = new HashMap<>(model);
            GrantTable.Transaction transaction = table.begin();

            Instant at = now;
            List<Grant> expired = transaction.expire(now);
            assertThat(expired.stream().collect(Collectors.toMap(g -> new Key(g.client(), g.opening()), Grant::until)))
                    .isEqualTo(filter(next, e -> !e.getValue().isAfter(at)));
            next.values().removeIf(end -> !end.isAfter(at));
            for (Step step : batch.steps) {
                take(transaction, next, step, now);
            }

            List<Change> changes = transaction.changes(now);
            assertThat(toMap(transaction.openings(now), now)).isEqualTo(wanted(next));
            if (!batch.refused) {
                changes.forEach(c -> change(firewall, c, at));
                book.write(transaction.commit());
                model = next;
                assertThat(book.all().stream()
                                .collect(Collectors.toMap(g -> new Key(g.client(), g.opening()), Grant::until)))
                        .isEqualTo(model);
                assertThat(firewall).isEqualTo(wanted(model));
            }
            assertThat(table.openings()).isEqualTo(wanted(model).size());
            assertThat(book.openings()).isEqualTo(wanted(model).size());
            assertThat(book.size()).isEqualTo(model.size());
            for (Client client : CLIENTS) {
                List<Opening> held = model.keySet().stream()
                        .filter(k -> k.client.equals(client))
                        .map(Key::opening)
                        .toList();
                assertThat(book.of(client)).extracting(Grant::opening).containsExactlyInAnyOrderElementsOf(held);
                assertThat(book.client(client.fingerprint()).isPresent()).isEqualTo(!held.isEmpty());
            }
            assertThat(table.nextEnd()).isEqualTo(model.values().stream().min(Comparator.naturalOrder()));
            assertThat(table.begin().changes(now)).isEmpty();
        }
    }

    private static void take(GrantTable.Transaction transaction, Map<Key, Instant> model, Step step, Instant now) {
        if (step instanceof Open open) {
            Client client = CLIENTS.get(open.client);
            List<Opening> openings = open.openings.stream().map(OPENINGS::get).toList();
            Instant until = now.plusSeconds(open.seconds);
            Map<Key, Instant> after = new HashMap<>(model);
            openings.forEach(o -> after.put(new Key(client, o), until));
            boolean fits =
                    after.keySet().stream().filter(k -> k.client.equals(client)).count() <= MOST;
            assertThat(transaction
                            .open(new GrantTable.Wish(client, openings, until))
                            .refusal())
                    .isEqualTo(fits ? Optional.empty() : Optional.of(Refusal.TOO_MANY_GRANTS));
            if (fits) {
                model.putAll(after);
            }
        } else if (step instanceof Move move) {
            take(transaction, model, move, now);
        } else if (step instanceof Revise revise) {
            Key key = new Key(CLIENTS.get(revise.client), OPENINGS.get(revise.opening));
            Instant end = model.getOrDefault(key, now);
            Grant grant = new Grant(key.client, key.opening, revise.changed ? end.plusMillis(1) : end, false);
            Optional<Instant> until =
                    revise.seconds == 0 ? Optional.empty() : Optional.of(now.plusSeconds(revise.seconds));
            boolean applies = model.containsKey(key) && !revise.changed;
            assertThat(transaction.revise(grant, until)).isEqualTo(applies);
            if (applies) {
                until.ifPresentOrElse(u -> model.put(key, u), () -> model.remove(key));
            }
        } else if (step instanceof Close close) {
            Client client = CLIENTS.get(close.client);
            List<Opening> openings = close.openings.stream().map(OPENINGS::get).toList();
            List<Opening> held = openings.stream()
                    .filter(o -> model.containsKey(new Key(client, o)))
                    .toList();
            assertThat(transaction.close(client, openings::contains))
                    .extracting(Grant::opening)
                    .containsExactlyInAnyOrderElementsOf(Set.copyOf(held));
            openings.forEach(o -> model.remove(new Key(client, o)));
        }
    }

    private static void take(GrantTable.Transaction transaction, Map<Key, Instant> model, Move move, Instant now) {
        Client client = CLIENTS.get(move.client);
        List<Opening> openings = move.openings.stream().map(OPENINGS::get).toList();
        List<Opening> replaced = move.replaced.stream().map(OPENINGS::get).toList();
        Set<Opening> held = model.keySet().stream()
                .filter(k -> k.client.equals(client))
                .map(Key::opening)
                .collect(Collectors.toSet());
        List<Opening> goes = replaced.stream()
                .filter(o -> held.contains(o) && !openings.contains(o))
                .toList();
        Set<Opening> after = new HashSet<>(held);
        goes.forEach(after::remove);
        after.addAll(openings);
        long addresses = after.stream().map(Opening::source).distinct().count();
        long addressesBefore = held.stream().map(Opening::source).distinct().count();
        Optional<Refusal> expected = move.onlyHeld && !held.containsAll(openings)
                ? Optional.of(Refusal.NOT_HELD)
                : after.size() > MOST
                        ? Optional.of(Refusal.TOO_MANY_GRANTS)
                        : move.mostAddresses > 0 && addresses > Math.max(move.mostAddresses, addressesBefore)
                                ? Optional.of(Refusal.TOO_MANY_ADDRESSES)
                                : Optional.empty();

        GrantTable.Fit fit = transaction.open(new GrantTable.Wish(
                client,
                openings,
                now.plusSeconds(move.seconds),
                false,
                move.mostAddresses == 0 ? OptionalInt.empty() : OptionalInt.of(move.mostAddresses),
                replaced,
                move.onlyHeld));

        assertThat(fit.refusal()).isEqualTo(expected);
        if (expected.isEmpty()) {
            assertThat(fit.renewal()).isEqualTo(held.containsAll(openings));
            assertThat(fit.replaced()).extracting(Grant::opening).containsExactlyInAnyOrderElementsOf(goes);
            goes.forEach(o -> model.remove(new Key(client, o)));
            openings.forEach(o -> model.put(new Key(client, o), now.plusSeconds(move.seconds)));
        } else {
            assertThat(fit.replaced()).isEmpty();
        }
    }

    private static Map<Opening, Instant> wanted(Map<Key, Instant> model) {
        Map<Opening, Instant> wanted = new HashMap<>();
        model.forEach((key, end) -> wanted.merge(key.opening, end, (a, b) -> a.isAfter(b) ? a : b));
        return wanted;
    }

    private static void change(Map<Opening, Instant> firewall, Change change, Instant now) {
        if (change instanceof Change.Open open) {
            firewall.put(open.opening(), now.plus(open.lifetime()));
        } else {
            assertThat(firewall.remove(change.opening()))
                    .as("closes only what is open")
                    .isNotNull();
        }
    }

    private static Map<Opening, Instant> toMap(List<Change.Open> openings, Instant now) {
        return openings.stream().collect(Collectors.toMap(Change.Open::opening, o -> now.plus(o.lifetime())));
    }

    private static Map<Key, Instant> filter(Map<Key, Instant> model, Predicate<Map.Entry<Key, Instant>> condition) {
        return model.entrySet().stream()
                .filter(condition)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Provide
    Arbitrary<List<Batch>> batches() {
        Arbitrary<Integer> client = Arbitraries.integers().between(0, CLIENTS.size() - 1);
        Arbitrary<List<Integer>> some = Arbitraries.integers()
                .between(0, OPENINGS.size() - 1)
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(3);
        Arbitrary<Integer> seconds = Arbitraries.integers().between(1, 5);
        Arbitrary<Step> step = Arbitraries.oneOf(
                Combinators.combine(client, some, seconds).as((c, o, s) -> (Step) new Open(c, o, s)),
                Combinators.combine(client, some).as((c, o) -> (Step) new Close(c, o)),
                Combinators.combine(
                                client,
                                some,
                                seconds,
                                Arbitraries.integers().between(0, 3),
                                some,
                                Arbitraries.of(true, false, false))
                        .as((c, o, s, m, r, h) -> (Step) new Move(c, o, s, m, r, h)),
                Combinators.combine(
                                client,
                                Arbitraries.integers().between(0, OPENINGS.size() - 1),
                                Arbitraries.integers().between(0, 5),
                                Arbitraries.of(false, false, true))
                        .as((c, o, s, x) -> (Step) new Revise(c, o, s, x)),
                seconds.map(s -> (Step) new Advance(s)));
        return Combinators.combine(step.list().ofMaxSize(4), Arbitraries.of(false, false, false, true))
                .as(Batch::new)
                .list()
                .ofMaxSize(25);
    }

    private static List<Client> clients() {
        TestCa ca = TestCa.create();
        return IntStream.range(0, 3)
                .mapToObj(i -> Client.of(ca.client("client" + i).issue().certificate()))
                .toList();
    }

    private static List<Opening> openings() {
        return List.of("192.0.2.1", "2001:db8::1", "192.0.2.2").stream()
                .flatMap(a -> List.of("ssh", "web").stream()
                        .map(s -> new Opening(IpLiteral.parse(a).orElseThrow(), s)))
                .toList();
    }
}
