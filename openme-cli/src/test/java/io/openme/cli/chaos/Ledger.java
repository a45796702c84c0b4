package io.openme.cli.chaos;

import io.openme.cli.chaos.Kernel.Snapshot;
import io.openme.spi.Opening;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The plain model: which grants live, by what was asked and answered alone. A grant's end is only known to lie between
 * that counted from the question and that counted from the answer; where no answer came, since the doorman was killed, it
 * may or may not be there. All times are by {@link System#nanoTime()}.
 */
final class Ledger {
    private final Patience patience;
    private final Map<Key, Span> spans = new HashMap<>();
    private long latest = Long.MIN_VALUE;

    Ledger(Patience patience) {
        this.patience = patience;
    }

    /** A grant. */
    record Key(int client, Opening opening) {}

    /**
     * When a grant ends.
     *
     * @param certain it lives until then, if present
     * @param possible it does not live longer, if present
     * @param remembered whether the state on disk should hold it
     */
    record Span(Optional<Long> certain, Optional<Long> possible, boolean remembered) {}

    private static final Span NOTHING = new Span(Optional.empty(), Optional.empty(), true);

    void opened(Key key, long lifetime, long asked, long answered, boolean remembered) {
        spans.put(key, new Span(Optional.of(asked + lifetime), Optional.of(answered + lifetime), remembered));
    }

    void maybeOpened(Key key, long lifetime, long asked, long now, boolean remembered) {
        Span was = spans.getOrDefault(key, NOTHING);
        long end = now + lifetime;
        spans.put(
                key,
                new Span(
                        was.certain.map(c -> Math.min(c, asked + lifetime)),
                        Optional.of(was.possible.map(p -> Math.max(p, end)).orElse(end)),
                        was.remembered && remembered));
    }

    void closed(Key key) {
        spans.remove(key);
    }

    /** Certainly there no longer: maybe there. */
    void doubt(Key key) {
        spans.computeIfPresent(key, (k, was) -> new Span(Optional.empty(), was.possible, was.remembered));
    }

    void doubtAll() {
        Set.copyOf(spans.keySet()).forEach(this::doubt);
    }

    /** Somebody took this opening away. */
    void doubt(Opening opening) {
        Set.copyOf(spans.keySet()).stream()
                .filter(k -> k.opening.equals(opening))
                .forEach(this::doubt);
    }

    /** A doorman has taken over what it found on the disk, and closed the rest. */
    void restarted(Set<Key> onDisk) {
        for (Key key : Set.copyOf(spans.keySet())) {
            Span was = spans.get(key);
            if (was != null && !onDisk.contains(key)) {
                // What should have been there stays expected, so that its loss is seen.
                if (was.remembered && was.certain.isPresent()) {
                    continue;
                }
                spans.remove(key);
            } else if (was != null && !was.remembered) {
                // The disk was full: what is there may be the line of an earlier end.
                doubt(key);
            }
        }
    }

    /** How far the worst opening of all outlived its grant, as far as that is known. */
    Duration latest() {
        return Duration.ofNanos(Math.max(0, latest));
    }

    /** What is admitted and should not be. Empty if all is well. */
    String tooMuch(Snapshot kernel, Map<Opening, Long> asked) {
        StringBuilder wrong = new StringBuilder();
        kernel.openings().forEach((opening, left) -> {
            Optional<Long> end = spans.entrySet().stream()
                    .filter(e -> e.getKey().opening.equals(opening))
                    .flatMap(e -> e.getValue().possible.stream())
                    .max(Long::compare);
            Long inFlight = asked.get(opening);
            if (inFlight != null) {
                long possible = kernel.after() + inFlight;
                end = Optional.of(end.map(e -> Math.max(e, possible)).orElse(possible));
            }
            if (end.isEmpty()) {
                wrong.append(opening).append(" is admitted without a grant; ");
                return;
            }
            long late = kernel.before() + left - end.get();
            latest = Math.max(latest, late);
            if (late > patience.late().toNanos()) {
                wrong.append(opening + " stays " + late / 1_000_000 + " ms longer than its grant; ");
            }
        });
        return wrong.toString();
    }

    /** What should be admitted and is not, or not for long enough. Empty if all is well. */
    String missing(Snapshot kernel) {
        StringBuilder wrong = new StringBuilder();
        certain().forEach((opening, end) -> {
            if (end > kernel.after() + patience.early().toNanos()) {
                Long left = kernel.openings().get(opening);
                if (left == null) {
                    wrong.append(opening + " was granted for another " + (end - kernel.after()) / 1_000_000
                            + " ms and is not admitted; ");
                } else if (kernel.after() + left < end - patience.early().toNanos()) {
                    wrong.append(
                            opening + " ends " + (end - kernel.after() - left) / 1_000_000 + " ms before its grant; ");
                }
            }
        });
        return wrong.toString();
    }

    /** Whether the kernel admits exactly the grants: nothing about them is in doubt, and none is about to end. */
    boolean exactly(Snapshot kernel) {
        return certain().entrySet().stream()
                .filter(e -> e.getValue() > kernel.after() + patience.early().toNanos())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet())
                .equals(kernel.openings().keySet());
    }

    /** What is certainly granted, until when. */
    Map<Opening, Long> certain() {
        Map<Opening, Long> certain = new HashMap<>();
        spans.forEach((key, span) -> span.certain.ifPresent(end -> certain.merge(key.opening, end, Math::max)));
        return certain;
    }

    /** Forgets what has ended long ago. */
    void forget(long now) {
        spans.values()
                .removeIf(s -> s.possible.isEmpty()
                        || s.possible.get() + 4 * patience.late().toNanos() < now);
    }
}
