package io.openme.benchmarks.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Draws what a {@link Soak} wrote down, as an image that any browser shows. */
public final class Plot {
    /** How it is called. */
    public static final String USAGE = "plot DATA.csv IMAGE.svg";

    private static final int WIDTH = 900;
    private static final int HEIGHT = 150;
    private static final int LEFT = 70;
    private static final int TOP = 30;

    /** The columns that are drawn, one panel each, by their number in a line. */
    private static final List<Panel> PANELS = List.of(
            new Panel(2, "heap after a collection, MB"),
            new Panel(3, "resident memory, MB"),
            new Panel(4, "threads"),
            new Panel(5, "descriptors"),
            new Panel(8, "p99 of all knocks of ten seconds, ms"),
            new Panel(7, "knocks that failed"));

    private record Panel(int column, String title) {}

    private Plot() {}

    /** Reads the first of these files and writes the second. */
    public static int run(List<String> arguments) throws IOException {
        if (arguments.size() != 2) {
            throw new IllegalArgumentException(USAGE);
        }
        List<double[]> rows = Files.readAllLines(Path.of(arguments.get(0))).stream()
                .skip(1)
                .map(Plot::numbers)
                .toList();
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("there is nothing in " + arguments.get(0));
        }
        Files.writeString(Path.of(arguments.get(1)), draw(rows));
        return 0;
    }

    private static double[] numbers(String line) {
        String[] words = line.split(",", -1);
        double[] numbers = new double[words.length];
        for (int i = 0; i < words.length; i++) {
            // The second is the name of the attack.
            numbers[i] = i == 1 ? 0 : Double.parseDouble(words[i]);
        }
        return numbers;
    }

    static String draw(List<double[]> rows) {
        StringBuilder svg = new StringBuilder();
        int height = PANELS.size() * (HEIGHT + TOP) + TOP;
        svg.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                WIDTH + LEFT + 20, height));
        double end = Math.max(1, rows.get(rows.size() - 1)[0]);
        for (int i = 0; i < PANELS.size(); i++) {
            panel(svg, PANELS.get(i), rows, end, TOP + i * (HEIGHT + TOP));
        }
        svg.append(format("<text x=\"%d\" y=\"%d\">0</text>%n", LEFT, height - 10));
        svg.append(format(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f minutes</text>%n</svg>%n",
                LEFT + WIDTH, height - 10, end / 60));
        return svg.toString();
    }

    private static void panel(StringBuilder svg, Panel panel, List<double[]> rows, double end, int top) {
        double most = Math.max(
                1, rows.stream().mapToDouble(row -> row[panel.column]).max().orElse(1));
        String points = rows.stream()
                .map(row -> format(
                        "%.1f,%.1f", LEFT + WIDTH * row[0] / end, top + HEIGHT - HEIGHT * row[panel.column] / most))
                .collect(Collectors.joining(" "));
        svg.append(format("<text x=\"%d\" y=\"%d\">%s</text>%n", LEFT, top - 6, panel.title));
        svg.append(format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#bbb\"/>%n",
                LEFT, top, WIDTH, HEIGHT));
        svg.append(format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f</text>%n", LEFT - 6, top + 10, most));
        svg.append(format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>%n", LEFT - 6, top + HEIGHT));
        svg.append(format("<polyline points=\"%s\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1.2\"/>%n", points));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
