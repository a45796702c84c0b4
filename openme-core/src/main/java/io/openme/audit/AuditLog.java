package io.openme.audit;

import io.openme.audit.Chain.Entry;
import io.openme.doorman.DoormanListener;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a doorman does to a file: one line of JSON an event, each with the hash of the line before, so that
 * {@link AuditVerifier} finds lines that were changed, removed or moved. The format is in {@code docs/audit.md}.
 *
 * <p>Give it to {@link io.openme.doorman.DoormanBuilder#listener}, and close it after the doorman. A thread of its own,
 * {@code openme-audit}, writes; no knock waits for the disk. While the file can't be written, which is said once at
 * {@code WARN}, up to 4096 events wait; those beyond are counted, and a line tells how many. Every line is in the host's hands
 * once it is written, and on the disk about a second later. Connections and refusals of a client get 60 lines a minute each, and
 * one for the others; refused strangers that together. What was opened, renewed, closed or revoked always gets its line.
 *
 * <p>The file is made for this user only. Once something else has its path, or nothing, as after a rotation, lines go
 * there and the chain goes on. Safe for use by several threads.
 */
public final class AuditLog implements DoormanListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final int MOST_WAITING = 4096;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration BACK_OFF = Duration.ofMillis(50);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

    private final Path path;
    private final Clock clock;
    private final Chain chain;
    private final BlockingQueue<Entry> queue;
    /** Anybody can be refused, as often as he likes; a client can also come and ask for nothing. */
    private final Bounds refusals = new Bounds();

    private final Bounds connections = new Bounds();
    private final AtomicLong dropped = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean failing;
    private long unwritten;

    private AuditLog(Path path, Chain chain, Clock clock, int waiting) {
        this.path = path;
        this.chain = chain;
        this.clock = clock;
        this.queue = new ArrayBlockingQueue<>(waiting);
        this.thread = new Thread(this::run, "openme-audit");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Opens an audit log to go on with it, or makes it. A file {@code FILE.head} is kept beside it.
     *
     * @param file in a directory that is there, and where nobody else may write
     * @throws OpenmeException if it can't be written, is something else than an audit log, or another one has it open
     */
    public static AuditLog open(Path file) {
        return open(file, Clock.systemUTC());
    }

    /** Opens an audit log with the times of this clock. See {@link #open(Path)}. */
    public static AuditLog open(Path file, Clock clock) {
        return open(file, new AuditFile(file), clock, MOST_WAITING);
    }

    static AuditLog open(Path path, AuditFile file, Clock clock, int waiting) {
        try {
            return new AuditLog(path, Chain.open(path, file, clock), clock, waiting);
        } catch (IOException e) {
            throw new OpenmeException(
                    "the audit log " + path + " can't be opened (" + e
                            + "); it needs a directory that is there, such as: install -d -m 700 /var/log/openme",
                    e);
        }
    }

    /** The end of what is written. Kept elsewhere, it shows later that nothing before it was changed. */
    public AuditHead head() {
        return chain.head();
    }

    /**
     * Writes what waits, and closes the file. Idempotent; takes 10 seconds at most. What happens later is not written.
     */
    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        long end = System.nanoTime() + LONGEST_CLOSE.toNanos();
        for (long left = LONGEST_CLOSE.toNanos(); thread.isAlive() && left > 0; left = end - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                // The lines that wait are worth the wait.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void started(Started event) {
        add(
                "started",
                fields -> fields.texts(
                                "listen",
                                event.addresses().stream().map(AuditLog::format).toList())
                        .number("taken", event.taken()));
    }

    @Override
    public void stopped(Stopped event) {
        add("stopped", fields -> {});
    }

    @Override
    public void connected(Connected event) {
        if (!connections.admit(Optional.of(event.client()), clock.instant())) {
            return;
        }
        add("connected", fields -> fields.client(event.client()).address("peer", event.peer()));
    }

    @Override
    public void opened(Opened event) {
        add("opened", fields -> {
            fields.client(event.client()).texts("services", event.services()).address("address", event.address());
            fields.text("until", Fields.time(event.until())).address("peer", event.peer());
            event.rule().ifPresent(rule -> fields.text("rule", rule));
        });
    }

    @Override
    public void renewed(Renewed event) {
        add("renewed", fields -> {
            fields.client(event.client()).texts("services", event.services()).address("address", event.address());
            fields.text("until", Fields.time(event.until())).address("peer", event.peer());
            event.rule().ifPresent(rule -> fields.text("rule", rule));
        });
    }

    @Override
    public void closed(Closed event) {
        add(
                "closed",
                fields -> fields.client(event.client())
                        .texts("services", event.services())
                        .address("address", event.address())
                        .address("peer", event.peer())
                        .text("by", event.by().name())
                        .text("byFingerprint", event.by().fingerprint()));
    }

    @Override
    public void expired(Expired event) {
        add(
                "expired",
                fields -> fields.client(event.client())
                        .text("service", event.service())
                        .address("address", event.address()));
    }

    @Override
    public void revoked(Revoked event) {
        add(
                "revoked",
                fields -> fields.client(event.client())
                        .text("service", event.service())
                        .address("address", event.address())
                        .text("reason", event.reason()));
    }

    @Override
    public void refused(Refused event) {
        if (!refusals.admit(event.client(), clock.instant())) {
            return;
        }
        add("refused", fields -> {
            event.client().ifPresent(fields::client);
            fields.address("peer", event.peer());
            event.why().map(Refusal::word).ifPresent(word -> fields.text("why", word));
            fields.text("reason", event.reason());
            event.rule().ifPresent(rule -> fields.text("rule", rule));
        });
    }

    @Override
    public void troubled(Troubled event) {
        add(
                "troubled",
                fields -> fields.text("kind", event.cause().reason().name())
                        .text("reason", String.valueOf(event.cause().getMessage())));
    }

    @Override
    public void recovered(Recovered event) {
        add("recovered", fields -> fields.number("openings", event.openings()));
    }

    @Override
    public void restored(Restored event) {
        add("restored", fields -> fields.number("openings", event.openings()));
    }

    @Override
    public void reloaded(Reloaded event) {
        add("reloaded", fields -> fields.number("revoked", event.revoked()));
    }

    @Override
    public void reloadFailed(ReloadFailed event) {
        add("reloadFailed", fields -> fields.text("reason", event.reason()));
    }

    @Override
    public void expiring(Expiring event) {
        add("expiring", fields -> fields.text("what", event.what()).text("end", Fields.time(event.end())));
    }

    @Override
    public void failed(Failed event) {
        add("failed", fields -> fields.text("reason", event.reason()));
    }

    @Override
    public Optional<String> problem() {
        if (failing) {
            return Optional.of("the audit log " + path + " can't be written");
        }
        return thread.isAlive() || closing.getCount() == 0
                ? Optional.empty()
                : Optional.of("the audit log " + path + " is not written any more; restart the doorman");
    }

    @Override
    public String toString() {
        return "audit log " + path;
    }

    private void add(String event, Consumer<Fields> fields) {
        if (closing.getCount() > 0 && !queue.offer(new Entry(clock.instant(), event, fields))) {
            dropped.incrementAndGet();
        }
    }

    private void run() {
        boolean ending;
        do {
            // Before the queue is looked at: what was added before the closing is written.
            ending = closing.getCount() == 0;
            try {
                turn(ending);
            } catch (Throwable e) {
                // Without memory more can fail than the writing; the thread must go on.
                complain(e);
                LockSupport.parkNanos(BACK_OFF.toNanos());
            }
        } while (!ending || !queue.isEmpty());
        end();
    }

    private void turn(boolean ending) {
        Entry entry = next(ending);
        if (entry != null) {
            writeOrCount(entry, 1);
        }
        writeCounted(ending && queue.isEmpty());
        if (tryTo(chain::tick) && unwritten == 0) {
            recovered();
        }
    }

    private void writeOrCount(Entry entry, long events) {
        boolean dealtWith = false;
        try {
            write(entry, events);
            dealtWith = true;
        } finally {
            if (!dealtWith) {
                dropped.addAndGet(events);
            }
        }
    }

    private @Nullable Entry next(boolean ending) {
        try {
            return ending ? queue.poll() : queue.poll(PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Nobody has a reason to; the loop ends by closing.
            return null;
        }
    }

    /** What got no line of its own: what is beyond the bounds, and what came while too much waited. */
    private void writeCounted(boolean last) {
        Instant now = clock.instant();
        writeCounted("refusedMore", last ? refusals.takeAll() : refusals.take(now), now);
        writeCounted("connectedMore", last ? connections.takeAll() : connections.take(now), now);
        long count = dropped.getAndSet(0);
        if (count > 0) {
            writeOrCount(new Entry(now, "dropped", fields -> fields.number("count", count)), count);
        }
    }

    private void writeCounted(String event, List<Bounds.Counted> beyond, Instant now) {
        for (Bounds.Counted each : beyond) {
            long count = each.more().count();
            Entry entry = new Entry(now, event, fields -> {
                each.client().ifPresent(fields::client);
                fields.number("count", count)
                        .text("since", Fields.time(each.more().since()));
            });
            write(entry, count);
        }
    }

    /** Again and again until it is written; once this is closing, once more. */
    private void write(Entry entry, long events) {
        boolean last = false;
        while (!tryTo(() -> chain.append(entry))) {
            if (last) {
                unwritten += events + queue.size();
                queue.clear();
                return;
            }
            try {
                last = closing.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                // As in next().
            }
        }
        recovered();
    }

    private void recovered() {
        if (failing) {
            failing = false;
            LOG.info("The audit log {} is written again", path);
        }
    }

    /** Something that may fail for the disk's sake. */
    private interface Step {
        void run() throws IOException;
    }

    /** Whether it worked. Loud once until it does; never throws, for the thread must go on. */
    private boolean tryTo(Step step) {
        try {
            step.run();
            return true;
        } catch (Throwable e) {
            complain(e);
            return false;
        }
    }

    private void complain(Throwable cause) {
        try {
            if (failing) {
                LOG.debug("The audit log {} still can't be written: {}", path, cause.toString());
            } else {
                failing = true;
                LOG.warn("The audit log {} can't be written ({}); events wait", path, cause.toString());
            }
        } catch (Throwable e) {
            // Where memory has run out, a log can fail as well.
        }
    }

    private void end() {
        tryTo(chain::close);
        if (unwritten > 0) {
            LOG.error("{} event(s) could not be written to the audit log {}", unwritten, path);
        }
    }

    private static String format(InetSocketAddress address) {
        return IpLiteral.format(address.getAddress()) + " port " + address.getPort();
    }
}
