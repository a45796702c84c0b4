package io.openme.cli.config;

import io.openme.internal.text.Nearest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Keys with values. What is wrong with them is told to the file; the value is then missing, or a default. */
final class Section {
    private final YamlFile file;
    private final String name;
    private final int line;
    private final Map<String, Node> values = new LinkedHashMap<>();

    /** A value with its place. */
    record Value(String text, int line) {}

    /** A section whose keys are the user's own where {@code known} is empty. */
    Section(YamlFile file, MappingNode node, String name, Set<String> known) {
        this.file = file;
        this.name = name;
        this.line = YamlFile.line(node);
        for (NodeTuple tuple : node.getValue()) {
            int at = YamlFile.line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                file.problem(at, "a key of " + (name.isEmpty() ? "the file" : name) + " is no word; write key: value");
            } else if (!known.isEmpty() && !known.contains(key.getValue())) {
                file.problem(at, "unknown key " + path(key.getValue()) + wayOut(key.getValue(), known));
            } else if (values.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
                file.problem(at, path(key.getValue()) + " is there twice; leave one out");
            }
        }
    }

    Set<String> keys() {
        return values.keySet();
    }

    int line(String key) {
        return Optional.ofNullable(values.get(key)).map(YamlFile::line).orElse(line);
    }

    /** Whether what is under this key is keys with values, rather than one value or a list. */
    boolean isSection(String key) {
        return values.get(key) instanceof MappingNode;
    }

    boolean isEmptyList(String key) {
        return values.get(key) instanceof SequenceNode list && list.getValue().isEmpty();
    }

    /** {@code section.key}. */
    String path(String key) {
        return name.isEmpty() ? key : name + "." + key;
    }

    /** The section under this key; a missing one is empty. */
    Optional<Section> section(String key, Set<String> known) {
        Node node = values.get(key);
        if (node == null) {
            return Optional.empty();
        }
        if (node instanceof MappingNode mapping) {
            return Optional.of(file.section(mapping, path(key), known));
        }
        wrong(key, node, known.isEmpty() ? "keys with values" : "keys with values; it has " + sorted(known));
        return Optional.empty();
    }

    /** One value as it is written. */
    Optional<Value> text(String key) {
        Node node = values.get(key);
        return node == null ? Optional.empty() : scalar(key, node);
    }

    /** One value, converted by something that throws IllegalArgumentException with a message for a person. */
    <T> Optional<T> value(String key, Function<String, T> conversion) {
        return text(key).flatMap(value -> convert(key, value, conversion));
    }

    <T> Optional<T> convert(String key, Value value, Function<String, T> conversion) {
        try {
            return Optional.of(conversion.apply(value.text));
        } catch (IllegalArgumentException e) {
            file.problem(value.line, path(key) + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    Optional<Boolean> bool(String key, Set<String> yes, Set<String> no) {
        Node node = values.get(key);
        if (node == null) {
            return Optional.empty();
        }
        if (node instanceof ScalarNode scalar && scalar.getScalarStyle() == ScalarStyle.PLAIN) {
            if (yes.contains(scalar.getValue())) {
                return Optional.of(true);
            }
            if (no.contains(scalar.getValue())) {
                return Optional.of(false);
            }
        }
        wrong(key, node, "true or false, without quotes");
        return Optional.empty();
    }

    Optional<Path> file(String key) {
        return value(key, this::resolve);
    }

    /** @throws IllegalArgumentException with a message for a person */
    Path resolve(String text) {
        try {
            return file.resolve(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no path (" + e.getReason() + ")", e);
        }
    }

    /** A duration between two others, both included. */
    Optional<Duration> duration(String key, Duration shortest, Duration longest) {
        return value(key, text -> {
            Duration duration = Durations.parse(text)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "\"" + text + "\" is no duration; write it as 90s, 30m, 1h, 1h30m or 2d"));
            if (duration.compareTo(shortest) < 0 || duration.compareTo(longest) > 0) {
                throw new IllegalArgumentException("\"" + Durations.format(duration) + "\" is out of bounds; it is "
                        + Durations.format(shortest) + " to " + Durations.format(longest));
            }
            return duration;
        });
    }

    /** The duration, or the bound where it is more, which the file is told. */
    Duration atMost(String key, Duration duration, String bound, Duration most) {
        if (duration.compareTo(most) <= 0) {
            return duration;
        }
        file.problem(
                line(key),
                path(key) + ": \"" + Durations.format(duration) + "\" is more than " + bound + ", which is "
                        + Durations.format(most) + "; shorten the one or raise the other");
        return most;
    }

    /** One value or a list of them, each converted; empty if the key is missing or one of them is wrong. */
    <T> Optional<List<T>> list(String key, Function<String, T> conversion) {
        Node node = values.get(key);
        if (node == null) {
            return Optional.empty();
        }
        List<Node> nodes = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
        List<T> all = nodes.stream()
                .map(each -> scalar(key, each).flatMap(value -> convert(key, value, conversion)))
                .flatMap(Optional::stream)
                .toList();
        return all.size() == nodes.size() ? Optional.of(all) : Optional.empty();
    }

    /** A list of sections. */
    List<Section> sections(String key, Set<String> known) {
        Node node = values.get(key);
        List<Section> all = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node each : sequence.getValue()) {
                if (each instanceof MappingNode mapping) {
                    all.add(file.section(mapping, path(key), known));
                } else {
                    wrong(key, each, "keys with values; it has " + sorted(known));
                }
            }
        } else if (node != null) {
            wrong(key, node, "a list, each with the keys " + sorted(known));
        }
        return all;
    }

    /** Tells the file that this key is missing. */
    void missing(String key, String example) {
        file.problem(line, path(key) + " is missing; write " + example);
    }

    <T> Optional<T> required(String key, Optional<T> value, String example) {
        // Where there is a node, what is wrong with it was said.
        if (value.isEmpty() && !values.containsKey(key)) {
            missing(key, example);
        }
        return value;
    }

    private Optional<Value> scalar(String key, Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            wrong(key, node, "a single value");
            return Optional.empty();
        }
        if (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isEmpty()) {
            file.problem(YamlFile.line(node), path(key) + " has no value; give it one or take the key out");
            return Optional.empty();
        }
        return Optional.of(new Value(scalar.getValue(), YamlFile.line(node)));
    }

    private void wrong(String key, Node node, String wanted) {
        String found = node instanceof ScalarNode scalar
                ? scalar.getValue().isEmpty() ? "nothing" : "\"" + scalar.getValue() + "\""
                : node instanceof SequenceNode ? "a list" : "keys with values";
        file.problem(YamlFile.line(node), path(key) + " is " + found + ", but should be " + wanted);
    }

    private static String wayOut(String word, Set<String> known) {
        return Nearest.to(word, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; known are " + sorted(known));
    }

    private static String sorted(Set<String> known) {
        return String.join(", ", known.stream().sorted().toList());
    }
}
