package io.openme.cli.chaos;

import io.openme.cli.chaos.DoormanProcess.Reply;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** What clients ask, and what the model learns of it. */
final class Knocks {
    private final Random random;
    private final Ledger ledger;
    private final Tally tally;
    private final int clients;
    private final List<InetAddress> addresses;
    private final Duration patience;

    Knocks(Random random, Ledger ledger, Tally tally, int clients, List<InetAddress> addresses, Duration patience) {
        this.random = random;
        this.ledger = ledger;
        this.tally = tally;
        this.clients = clients;
        this.addresses = addresses;
        this.patience = patience;
    }

    /** A command that was handed over. */
    record Asked(int id, long at, boolean open, int client, InetAddress address, long nanos, Set<String> of) {
        List<Opening> openings() {
            return of.stream().map(service -> new Opening(address, service)).toList();
        }
    }

    Asked ask(DoormanProcess doorman) {
        boolean open = random.nextDouble() < 0.7;
        int who = random.nextInt(clients);
        InetAddress from = pick(addresses);
        InetAddress guest = pick(addresses);
        boolean own = random.nextDouble() < 0.5 || guest.equals(from);
        long millis = random.nextDouble() < 0.7 ? 1000 + random.nextInt(3000) : 20_000 + random.nextInt(100_000);
        Set<String> all = ChaosDoorman.SERVICES.stream().map(Service::name).collect(Collectors.toSet());
        Set<String> some = random.nextDouble() < 0.3
                ? all
                : Set.of(ChaosDoorman.SERVICES
                        .get(random.nextInt(ChaosDoorman.SERVICES.size()))
                        .name());
        tally.step(open ? "open" : "close");
        tally.note("  " + who + " for " + (own ? from : guest).getHostAddress() + " "
                + (open ? some + " " + millis + " ms" : ""));
        long at = System.nanoTime();
        int id = doorman.ask(String.join(
                " ",
                open ? "open" : "close",
                "" + who,
                from.getHostAddress(),
                own ? "-" : guest.getHostAddress(),
                "" + millis,
                String.join(",", some)));
        return new Asked(id, at, open, who, own ? from : guest, millis * 1_000_000, open ? some : all);
    }

    /** Enters what became of a batch into the model. */
    void learn(List<Asked> batch, DoormanProcess doorman, boolean alive, boolean armed, boolean remembered) {
        long end = System.nanoTime() + patience.toNanos();
        for (Asked asked : batch) {
            Optional<Reply> reply = doorman.answer(asked.id, end);
            long now = System.nanoTime();
            tally.note("  answer " + asked.id + " to " + asked.client + ": "
                    + reply.map(Reply::word).orElse("none"));
            if (reply.isEmpty() && alive) {
                tally.violation("no answer within " + patience + " to " + asked);
            } else if (reply.isPresent() && !reply.get().ok() && alive && !armed) {
                tally.violation(reply.get() + " without a reason to " + asked);
            }
            for (Opening opening : asked.openings()) {
                Ledger.Key key = new Ledger.Key(asked.client, opening);
                if (reply.isEmpty() || reply.get().word().equals("FAILED")) {
                    if (asked.open) {
                        ledger.maybeOpened(key, asked.nanos, asked.at, now, remembered);
                    } else {
                        ledger.doubt(key);
                    }
                } else if (reply.get().ok() && asked.open) {
                    ledger.opened(key, asked.nanos, asked.at, reply.get().at(), remembered);
                } else if (reply.get().ok()) {
                    ledger.closed(key);
                }
            }
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
