package io.openme.benchmarks;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanListener;
import io.openme.internal.time.SteadyClock;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What it costs to open one more, beside one and beside many.
 *
 * <p>A round goes through all levels, and there are many rounds: whatever else slows the machine down hits every level.
 */
final class OneMore {
    private static final String ROW = "  %-16s %22s %7s %22s %7s";

    private OneMore() {}

    static List<String> measure(Backend backend, Plan plan) throws IOException, InterruptedException {
        List<Samples> alone = samples(plan);
        List<Samples> whole = samples(plan);
        for (int round = 0; round < plan.rounds(); round++) {
            boolean counts = round >= plan.rounds() - plan.roundsThatCount();
            backendAlone(backend, plan, counts ? alone : samples(plan));
            wholeDoorman(backend, plan, counts ? whole : samples(plan));
        }
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Opening one more: median (and 99th percentile) of " + plan.roundsThatCount() * plan.eachThatCounts()
                + " at each level, interleaved");
        lines.add(String.format(
                Locale.ROOT, ROW, "active openings", "the backend's part", "ratio", "command to OK", "ratio"));
        for (int i = 0; i < plan.levels().size(); i++) {
            lines.add(String.format(
                    Locale.ROOT,
                    ROW,
                    String.format(Locale.ROOT, "%,d", plan.levels().get(i)),
                    text(alone.get(i)),
                    ratio(alone, i),
                    text(whole.get(i)),
                    ratio(whole, i)));
        }
        return lines;
    }

    private static String text(Samples samples) {
        return Samples.text(samples.median()) + " (" + Samples.text(samples.millis(0.99)) + ")";
    }

    private static String ratio(List<Samples> samples, int i) {
        return String.format(
                Locale.ROOT, "%.2f", samples.get(i).median() / samples.get(0).median());
    }

    private static void backendAlone(Backend backend, Plan plan, List<Samples> samples) {
        try (Firewall firewall = backend.firewall()) {
            for (int i = 0; i < plan.levels().size(); i++) {
                int level = plan.levels().get(i);
                firewall.install(Backend.openings(level, Backend.LONG));
                long[] nanos = new long[plan.each()];
                for (int more = 0; more < plan.each(); more++) {
                    Change change = Backend.opening(level + more, Backend.LONG);
                    long begin = System.nanoTime();
                    firewall.apply(List.of(change));
                    nanos[more] = System.nanoTime() - begin;
                }
                samples.get(i).add(settled(plan, nanos));
            }
        }
    }

    private static long[] settled(Plan plan, long[] nanos) {
        return Arrays.copyOfRange(nanos, plan.each() - plan.eachThatCounts(), plan.each());
    }

    private static void wholeDoorman(Backend backend, Plan plan, List<Samples> samples)
            throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("openme-benchmark");
        AccessPolicy policy = AccessPolicy.everyService(Backend.LONG);
        try (Doorman doorman = backend.doorman(state, new SteadyClock(), policy, new DoormanListener() {})) {
            Knocks knocks = new Knocks(doorman);
            int active = 0;
            for (int i = 0; i < plan.levels().size(); i++) {
                int level = plan.levels().get(i);
                knocks.open(active, level, 512);
                samples.get(i).add(settled(plan, knocks.open(level, level + plan.each(), 1)));
                active = level + plan.each();
            }
        }
        Scratch.delete(state);
    }

    private static List<Samples> samples(Plan plan) {
        return plan.levels().stream().map(level -> new Samples()).toList();
    }
}
