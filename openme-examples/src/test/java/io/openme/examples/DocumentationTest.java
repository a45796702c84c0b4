package io.openme.examples;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.FirewallContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Holds the README and the pages under docs to code that is compiled and run, and their links to files that are there. */
class DocumentationTest {
    private static final Path ROOT =
            requireNonNull(Path.of("").toAbsolutePath().getParent(), "tests run in their module");
    private static final Path BACKENDS = ROOT.resolve("docs/writing-a-backend.md");
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

    @Test
    void everyJavaSnippetIsPartOfAnExampleThatRuns() throws IOException {
        StringBuilder examples = new StringBuilder();
        for (String module : List.of("openme-examples", "openme-micrometer")) {
            for (Path source : files(ROOT.resolve(module).resolve("src"), ".java")) {
                examples.append(Files.readString(source));
            }
        }
        // A page has the ports that a reader will use; the examples take them as parameters, so that tests can run.
        String code = squeeze(examples.toString()
                .replace("door.port() + \"", "\"8080")
                .replace("webPort", "8080")
                .replace("knockPort", "54154"));
        int snippets = 0;
        for (Path page : pages()) {
            for (Matcher matcher = JAVA.matcher(Files.readString(page)); matcher.find(); snippets++) {
                assertThat(code).as(page + ":\n" + matcher.group(1)).contains(squeeze(matcher.group(1)));
            }
        }
        assertThat(snippets).isGreaterThanOrEqualTo(2);
    }

    @Test
    void theLinesForHaproxyAreThoseOfItsTest() throws IOException {
        String tested = Files.readString(
                ROOT.resolve("openme-examples/src/test/java/io/openme/examples/haproxy/HaproxyHost.java"));
        assertThat(Files.readString(BACKENDS).lines().map(String::strip).filter(line -> line.startsWith("tcp-request")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(tested).contains(line.replace("/etc/haproxy/openme/ssh.map", "%s")));
    }

    @Test
    void everyRuleOfTheContractIsExplainedAsItIsCalled() throws IOException {
        List<String> rules = Stream.<Class<?>>iterate(
                        FirewallContract.class, type -> type != Object.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .map(method -> method.getAnnotation(DisplayName.class))
                .filter(Objects::nonNull)
                .map(name -> "| " + name.value().replaceFirst(" ", " | ") + " |")
                .toList();

        assertThat(Files.readString(BACKENDS).lines().filter(line -> line.startsWith("| §")))
                .hasSameSizeAs(rules)
                .allSatisfy(line -> assertThat(rules).anyMatch(line::startsWith))
                .doesNotHaveDuplicates();
    }

    @Test
    void everyLinkToAFileLeadsToOne() throws IOException {
        for (Path page : pages()) {
            for (Matcher matcher = LINK.matcher(Files.readString(page)); matcher.find(); ) {
                assertThat(page.resolveSibling(matcher.group(1)))
                        .as(page.toString())
                        .exists();
            }
        }
    }

    private static List<Path> pages() throws IOException {
        return Stream.concat(
                        Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                .map(ROOT::resolve),
                        files(ROOT.resolve("docs"), ".md").stream())
                .toList();
    }

    private static List<Path> files(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(f -> f.toString().endsWith(ending)).toList();
        }
    }

    private static String squeeze(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
