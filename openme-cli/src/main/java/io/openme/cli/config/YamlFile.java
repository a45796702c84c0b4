package io.openme.cli.config;

import io.openme.internal.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** A YAML file while it is read: its text as nodes, and what was found wrong with it so far. */
final class YamlFile {
    /** A wrong path must not fill the memory. */
    private static final int LARGEST = 1 << 20;

    /** Twice what any configuration needs. */
    private static final int DEEPEST = 10;

    /** A problem quotes what is in the file. */
    private static final int LONGEST_PROBLEM = 1000;

    private final Path path;
    private final List<String> problems = new ArrayList<>();

    YamlFile(Path path) {
        this.path = path;
    }

    /** The mapping that the file consists of. */
    MappingNode root() {
        Node root;
        LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).build();
        try {
            String text = text();
            checkDepth(new Parse(settings).parseString(text));
            root = new Compose(settings)
                    .composeString(text)
                    .orElseThrow(() -> fail("is empty; write at least services, identity and clients"));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw failAt(line, "this is no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw fail("is no YAML: " + e.getMessage());
        }
        if (root instanceof MappingNode mapping) {
            return mapping;
        }
        throw failAt(line(root), "a configuration is keys with values, such as services: { ssh: [22/tcp] }");
    }

    /** A section of this file whose keys are among these. */
    Section section(MappingNode node, String name, Set<String> known) {
        return new Section(this, node, name, known);
    }

    /** Adds {@code FILE:LINE: problem}. */
    void problem(int line, String problem) {
        problems.add(path + ":" + line + ": " + Printable.line(problem, LONGEST_PROBLEM));
    }

    boolean sound() {
        return problems.isEmpty();
    }

    /** @throws ConfigurationException if a problem was found */
    void check() {
        if (!sound()) {
            throw new ConfigurationException(problems);
        }
    }

    /** A path of the configuration: relative ones are relative to the file. */
    Path resolve(String other) {
        return path.resolveSibling(other).normalize();
    }

    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }

    private String text() {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(LARGEST + 1);
            if (content.length > LARGEST) {
                throw fail("is larger than 1 MiB, so it is no configuration; check the path");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw fail("is not text in UTF-8; check the path");
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(List.of("there is no configuration " + path + "; name one with -c FILE"));
        } catch (IOException e) {
            throw new ConfigurationException(List.of("can't read the configuration " + path + " (" + e
                    + "); check that it is a file and its permissions"));
        }
    }

    /** The parser has a stack of its own; what makes nodes of its events follows them on the thread's. */
    private void checkDepth(Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
                throw failAt(
                        event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1),
                        "this is nested too deeply to be a configuration; check the path");
            }
            depth -= event instanceof CollectionEndEvent ? 1 : 0;
        }
    }

    private ConfigurationException fail(String problem) {
        return new ConfigurationException(List.of(path + " " + Printable.line(problem, LONGEST_PROBLEM)));
    }

    private ConfigurationException failAt(int line, String problem) {
        problem(line, problem);
        return new ConfigurationException(problems);
    }
}
