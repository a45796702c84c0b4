package io.openme.examples;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the pages that promise something, and name the tests that show it, to tests that are there. */
class ShownByTest {
    private static final Path ROOT =
            requireNonNull(Path.of("").toAbsolutePath().getParent(), "tests run in their module");
    private static final Pattern SHOWN_BY = Pattern.compile("`([A-Z]\\w+(?:Test|IT|Properties))(?:\\.(\\w+))?`");

    @ParameterizedTest
    @ValueSource(strings = {"docs/open-questions.md", "docs/security/threat-model.md"})
    void eachPromiseNamesATestThatIsThere(String page) throws IOException {
        Map<String, String> tests = tests();
        List<String> rows = Files.readString(ROOT.resolve(page))
                .lines()
                .dropWhile(line -> !(line.startsWith("| ") && line.endsWith("| shown by |")))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "))
                .toList();
        assertThat(rows).hasSizeGreaterThan(10).allSatisfy(row -> {
            Matcher shown = SHOWN_BY.matcher(row);
            assertThat(shown.results()).as(row).isNotEmpty().allSatisfy(test -> {
                assertThat(tests).containsKey(test.group(1));
                if (test.group(2) != null) {
                    assertThat(tests.get(test.group(1))).contains("void " + test.group(2) + "(");
                }
            });
        });
    }

    private static Map<String, String> tests() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> all = Files.walk(ROOT)) {
            for (Path each : all.filter(p -> p.toString().matches(".*/src/test/java/.*\\.java"))
                    .toList()) {
                sources.put(each.getFileName().toString().replace(".java", ""), Files.readString(each));
            }
        }
        return sources;
    }
}
