package io.openme.benchmarks.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Reads of a process what the kernel knows about it. */
final class Figures {
    /** Those come and go as the JVM likes, attack or not. */
    private static final List<String> OF_THE_JVM = List.of("C1 Comp", "C2 Comp", "GC Thread", "G1 ", "Common-Clean");

    /** So many in a second, on every Linux that there is. */
    private static final double TICKS = 100;

    private final Path process;

    Figures(long pid) {
        this.process = Path.of("/proc", Long.toString(pid));
    }

    /** How many descriptors it has. */
    int descriptors() {
        return count("fd").size();
    }

    /** How many threads it has, but for those of the compiler and the collector. */
    int threads() {
        return (int) count("task").stream()
                .map(task -> read(task.resolve("comm")))
                .filter(name -> !name.isEmpty() && OF_THE_JVM.stream().noneMatch(name::startsWith))
                .count();
    }

    /** The seconds of a processor that it took so far. */
    double processorSeconds() {
        String stat = read(process.resolve("stat"));
        // The name before it may hold blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    /** The memory that it has now, in MB. */
    int residentMegabytes() {
        return megabytes("VmRSS:");
    }

    /** The most memory that it had since {@link #forgetPeak}, in MB. */
    int peakMegabytes() {
        return megabytes("VmHWM:");
    }

    void forgetPeak() {
        try {
            Files.writeString(process.resolve("clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int megabytes(String name) {
        return Arrays.stream(read(process.resolve("status")).split("\n", -1))
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToInt(kilobytes -> Integer.parseInt(kilobytes) / 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(process + " is gone"));
    }

    private List<Path> count(String what) {
        try (Stream<Path> all = Files.list(process.resolve(what))) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            // A thread that has just ended, or the whole process.
            return "";
        }
    }
}
