package io.openme.benchmarks;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanListener;
import io.openme.internal.time.SteadyClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How many knocks a doorman commits in a second while so many clients wait for their answers, each from an address of its own. */
final class GroupCommit {
    private static final String ROW = "  %-16s %10s %12s %12s %12s";

    private GroupCommit() {}

    static List<String> measure(Backend backend, Plan plan) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Group commit, from the command to the OK, with the grants on disk");
        lines.add(String.format(Locale.ROOT, ROW, "waiting clients", "knocks", "OK/s", "median", "99 of 100"));
        for (Plan.Flight flight : plan.flights()) {
            Samples samples = new Samples();
            double seconds = run(backend, flight, samples);
            lines.add(String.format(
                    Locale.ROOT,
                    ROW,
                    flight.clients(),
                    String.format(Locale.ROOT, "%,d", flight.knocks()),
                    String.format(Locale.ROOT, "%,.0f", flight.knocks() / seconds),
                    Samples.text(samples.median()),
                    Samples.text(samples.millis(0.99))));
        }
        return lines;
    }

    private static double run(Backend backend, Plan.Flight flight, Samples samples)
            throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("openme-benchmark");
        AccessPolicy policy = AccessPolicy.everyService(Backend.LONG);
        try (Doorman doorman = backend.doorman(state, new SteadyClock(), policy, new DoormanListener() {})) {
            Knocks all = new Knocks(doorman);
            long begin = System.nanoTime();
            samples.add(all.open(0, flight.knocks(), flight.clients()));
            return (System.nanoTime() - begin) / 1e9;
        } finally {
            Scratch.delete(state);
        }
    }
}
