package io.openme.cli.chaos;

import io.openme.cli.chaos.DoormanProcess.Reply;
import io.openme.cli.chaos.FaultyTool.Fault;
import io.openme.cli.chaos.Kernel.Snapshot;
import io.openme.spi.Opening;
import io.openme.spi.Protocol;
import io.openme.testkit.Host;
import io.openme.testkit.KeyType;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Chooses the steps, takes them, and holds the kernel against the model.
 *
 * <p>A batch of commands is sent without waiting, with something going wrong in the midst of it now and then; when all are
 * answered, or the doorman is dead, the model learns of them in the order in which they were asked.
 */
final class Chaos {
    private static final int CLIENTS = 4;
    /** More than a jump of the clock, either way. */
    private static final Duration CERTIFICATES = Duration.ofDays(60);

    private final Random random;
    private final Patience patience;
    private final Host client;
    private final Host server;
    private final boolean memory;
    private final Path directory;
    private final FaultyTool tool;
    private final Kernel kernel;
    private final StateOnDisk disk;
    private final Tally tally = new Tally();
    private final Ledger ledger;
    private final Knocks knocks;
    private final Mischief mischief;
    /** What went wrong and has not been seen healed, since when. */
    private final Map<String, Long> troubles = new LinkedHashMap<>();

    private DoormanProcess doorman;
    private String guard = "";
    private String lastStart = "";
    private boolean alive;
    private boolean armed;
    private boolean diskFull;
    private boolean guardProbed;

    Chaos(TestNetwork network, Kernel kernel, Path directory, boolean memory, Random random, Patience patience)
            throws IOException {
        this.random = random;
        this.patience = patience;
        this.ledger = new Ledger(patience);
        this.client = network.client();
        this.server = network.server();
        this.memory = memory;
        this.directory = directory;
        this.kernel = kernel;
        this.tool = new FaultyTool(directory, kernel.words(), patience.tool().plusSeconds(1));
        Instant now = Instant.now();
        TestCa ca = TestCa.create("Chaos CA", KeyType.P256, now, now.minus(CERTIFICATES), now.plus(CERTIFICATES));
        ca.writeTo(directory);
        ca.server("localhost")
                .valid(now.minus(CERTIFICATES), now.plus(CERTIFICATES))
                .issue()
                .writeTo(directory);
        Files.setPosixFilePermissions(directory.resolve("localhost.key"), PosixFilePermissions.fromString("rw-------"));
        for (int i = 0; i < CLIENTS; i++) {
            ca.client("client" + i)
                    .valid(now.minus(CERTIFICATES), now.plus(CERTIFICATES))
                    .issue()
                    .writeTo(directory);
        }
        this.disk = new StateOnDisk(directory.resolve("state"), directory, CLIENTS);
        List<InetAddress> addresses =
                new ArrayList<>(List.of(client.ipv4().get(0), client.ipv6().get(0)));
        for (String literal : List.of("203.0.113.1", "203.0.113.2", "2001:db8:9::1", "2001:db8:9::2")) {
            addresses.add(InetAddress.getByName(literal));
        }
        this.knocks = new Knocks(random, ledger, tally, CLIENTS, addresses, patience.answer());
        this.mischief = new Mischief(random, kernel, tally, this::trouble, addresses);
        kernel.flush();
        this.doorman = newDoorman();
        if (!start(Duration.ZERO)) {
            throw new IllegalStateException("the doorman does not start on a calm day: " + doorman.log());
        }
        guard = kernel.read().guard();
    }

    List<String> violations() {
        return tally.violations();
    }

    @Override
    public String toString() {
        return tally + ", an opening outlived its grant by at most "
                + ledger.latest().toMillis() + " ms"
                + (violations().isEmpty()
                        ? ""
                        : "\n" + String.join("\n", violations()) + "\n" + tally.history() + "\n" + doorman.log());
    }

    /** Goes on for so many steps, or for so long. */
    void run(int steps, Duration time) throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (tally.steps() < steps
                && System.nanoTime() - end < 0
                && violations().isEmpty()) {
            round();
        }
        calm();
        settle();
    }

    void end() throws IOException, InterruptedException {
        doorman.kill();
        tool.killOutliving();
        kernel.flush();
    }

    private void round() throws IOException, InterruptedException {
        if (chance(0.12)) {
            arm();
        }
        if (memory && chance(0.05)) {
            step("disk full");
            doorman.boundFiles(disk.size() + random.nextInt(900));
            diskFull = true;
        }
        boolean kill = chance(0.05);
        mischief.taken().clear();
        List<Knocks.Asked> batch = new ArrayList<>();
        int length = 1 + random.nextInt(12);
        for (int i = 0; i < length; i++) {
            batch.add(knocks.ask(doorman));
            if (chance(0.02)) {
                mischief.deed(ledger);
            }
        }
        if (chance(0.2)) {
            check(kernel.read(), batch, false);
        }
        if (kill) {
            // Anywhere between the first transaction's begin and the last answer.
            TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000));
            kill();
        }
        knocks.learn(batch, doorman, alive, armed, !diskFull);
        mischief.taken().forEach(ledger::doubt);
        if (!kill && chance(0.03)) {
            stop();
        }
        if (!alive) {
            whileDead();
            restart();
        }
        if (chance(0.7)) {
            calm();
        }
        if (!armed && chance(0.05)) {
            flushAndProbe();
        } else if (chance(0.05)) {
            mischief.deed(ledger);
        }
        settle();
        if (chance(0.05)) {
            step("wait");
            watch(Duration.ofMillis(random.nextInt(1500)));
        }
        if (troubles.isEmpty() && chance(0.1)) {
            probe();
        }
        ledger.forget(System.nanoTime());
    }

    private void arm() throws IOException {
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Fault fault = pick(List.of(Fault.values()));
            step("tool " + fault);
            trouble("tool " + fault);
            tool.arm(fault);
        }
        armed = true;
    }

    /** Nothing goes wrong from here on. */
    private void calm() throws IOException, InterruptedException {
        if (armed) {
            tool.disarm();
            armed = false;
            mischief.lookAgain();
        }
        if (diskFull) {
            doorman.boundFiles(-1);
            diskFull = false;
        }
    }

    private void flushAndProbe() {
        mischief.flush();
        long flushed = System.nanoTime();
        InetAddress stranger = client.ipv4().get(1);
        long sent = System.nanoTime();
        while (client.probe(Protocol.TCP, stranger, server.ipv4().get(0), 2022) == Verdict.OPEN) {
            sent = System.nanoTime();
            if (sent - flushed > patience.settle().toNanos()) {
                violation("strangers get in for " + patience.settle() + " after a flush");
                return;
            }
        }
        guardProbed = true;
        Duration exposed = Duration.ofNanos(sent - flushed);
        tally.strangersGotIn(exposed);
        if (exposed.compareTo(patience.guardBack()) > 0) {
            violation("strangers got in for " + exposed + " after a flush");
        }
    }

    private void kill() throws IOException, InterruptedException {
        step("kill -9");
        doorman.kill();
        tool.killOutliving();
        alive = false;
    }

    private void stop() throws IOException, InterruptedException {
        step("stop");
        int id = doorman.ask("stop");
        Optional<Reply> reply =
                doorman.answer(id, System.nanoTime() + 2 * patience.answer().toNanos());
        if (reply.isPresent() && reply.get().ok()) {
            alive = false;
            Set<Opening> left = kernel.read().openings().keySet();
            if (!left.isEmpty()) {
                violation("stopped, and still admits " + left);
            }
        } else if (armed) {
            kill();
        } else {
            violation("could not be stopped: " + reply);
        }
    }

    private void whileDead() throws IOException, InterruptedException {
        // The doorman in the process is stopped at most; its lock on the state goes with it.
        if (chance(0.7)) {
            doorman.kill();
            tool.killOutliving();
        }
        // A bound on files is the process's own; one that is only stopped keeps it until the next calm.
        diskFull = diskFull && doorman.isAlive();
        while (chance(0.4)) {
            mischief.deed(ledger);
        }
        if (chance(0.5)) {
            step("wait");
            watch(Duration.ofMillis(random.nextInt(2500)));
        }
        if (memory && disk.size() > 0 && chance(0.25)) {
            step("state cut");
            disk.cut((long) (random.nextDouble() * disk.size())).forEach(ledger::doubt);
        }
    }

    private void restart() throws IOException, InterruptedException {
        if (!doorman.isAlive()) {
            doorman = newDoorman();
        }
        Set<Ledger.Key> onDisk = memory ? disk.grants() : Set.of();
        if (!memory) {
            ledger.doubtAll();
        }
        Duration jump = chance(0.5) ? Duration.ZERO : Duration.ofHours(random.nextInt(1200) - 600);
        step(jump.isZero() ? "start" : "start after the clock was set");
        trouble("start");
        // What was done to the ruleset of a dead doorman counts from here.
        troubles.replaceAll((kind, since) -> System.nanoTime());
        if (!start(jump)) {
            if (!armed) {
                violation("did not start: " + lastStart);
                return;
            }
            calm();
            if (!start(jump)) {
                violation("did not start, though nothing is wrong any more: " + lastStart);
                return;
            }
        }
        ledger.restarted(onDisk);
    }

    private boolean start(Duration jump) {
        int id = doorman.ask("start " + jump.toSeconds());
        Optional<Reply> reply =
                doorman.answer(id, System.nanoTime() + 2 * patience.answer().toNanos());
        alive = reply.map(Reply::ok).orElse(false);
        lastStart = reply.map(Reply::detail).orElse("no answer");
        return alive;
    }

    private DoormanProcess newDoorman() throws IOException {
        Map<String, String> options = new HashMap<>(kernel.options());
        options.put("command", String.join(" ", server.prefix()) + " " + tool.script());
        options.put("timeout", patience.tool().toMillis() + "ms");
        String state = memory ? directory.resolve("state").toString() : "-";
        return new DoormanProcess(directory, state, kernel.backend(), options);
    }

    /** Time passes, and at no moment of it too much is open. */
    private void watch(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            check(kernel.read(), List.of(), false);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Waits for what went wrong to be mended, if anything did. */
    private void settle() throws InterruptedException {
        long end = System.nanoTime() + patience.settle().toNanos();
        // A packet that is dropped takes a second to be known for it: what was probed is not measured again.
        boolean probed = guardProbed;
        boolean guardSeen = probed;
        guardProbed = false;
        while (violations().isEmpty()) {
            Snapshot now = kernel.read();
            String missing = check(now, List.of(), troubles.isEmpty());
            boolean guarded = now.guard().equals(guard);
            if (guarded && !guardSeen) {
                guardSeen = true;
                guardBack(now.after());
            }
            if (armed) {
                return; // What is still to go wrong may take it away again at any time.
            }
            if (missing.isEmpty() && guarded) {
                tally.reading(ledger.exactly(now));
                troubles.forEach((kind, since) -> {
                    if (!probed) {
                        tally.healed(kind, Duration.ofNanos(now.after() - since));
                    }
                });
                troubles.clear();
                mischief.othersAreUntouched();
                return;
            }
            if (troubles.isEmpty() || System.nanoTime() - end > 0) {
                TimeUnit.MILLISECONDS.sleep(20);
                tally.note("read again: " + ledger.missing(kernel.read()));
                violation("after " + troubles.keySet() + (guarded ? "" : " the guard is not there; ") + missing
                        + (guarded ? "" : now.guard()));
                return;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private void guardBack(long at) {
        Set<String> kinds = new HashSet<>(troubles.keySet());
        boolean foreignOnly =
                !kinds.isEmpty() && kinds.stream().noneMatch(k -> k.startsWith("tool ") || k.equals("start"));
        if (foreignOnly) {
            long since = troubles.values().stream().min(Long::compare).orElse(at);
            Duration gap = Duration.ofNanos(at - since);
            tally.guardMissing(gap);
            if (gap.compareTo(patience.guardBack()) > 0) {
                violation("the guard was missing for " + gap + " after " + kinds);
            }
        }
    }

    /** Too much is wrong at any time; what is missing is told. */
    private String check(Snapshot now, List<Knocks.Asked> inFlight, boolean settled) {
        Map<Opening, Long> asked = new HashMap<>();
        inFlight.stream()
                .filter(Knocks.Asked::open)
                .forEach(a -> a.openings().forEach(o -> asked.merge(o, a.nanos(), Math::max)));
        String tooMuch = ledger.tooMuch(now, asked);
        if (!tooMuch.isEmpty()) {
            violation(tooMuch);
        }
        String missing = ledger.missing(now);
        if (settled && !missing.isEmpty()) {
            tally.note("read again: " + ledger.missing(kernel.read()));
            violation("with nothing wrong, " + missing);
        }
        return missing;
    }

    /** Packets, rather than listings. */
    private void probe() {
        step("probe");
        if (chance(0.2)) {
            Verdict stranger = client.probe(
                    Protocol.TCP, client.ipv4().get(1), server.ipv4().get(0), 2022);
            if (stranger != Verdict.DROPPED) {
                violation("a stranger's packet was " + stranger);
            }
        }
        Long end = ledger.certain().get(new Opening(client.ipv4().get(0), "ssh"));
        if (end != null && end - System.nanoTime() > 2 * patience.early().toNanos()) {
            Verdict verdict = client.probe(
                    Protocol.TCP, client.ipv4().get(0), server.ipv4().get(0), 2022);
            if (verdict != Verdict.OPEN) {
                violation("a packet of a client with a grant was " + verdict);
            }
        }
    }

    private void trouble(String kind) {
        troubles.putIfAbsent(kind, System.nanoTime());
    }

    private void step(String kind) {
        tally.step(kind);
    }

    private void violation(String what) {
        tally.violation(what);
    }

    private boolean chance(double part) {
        return random.nextDouble() < part;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
