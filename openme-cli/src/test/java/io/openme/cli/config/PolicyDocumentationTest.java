package io.openme.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/policy.md to what is read. */
class PolicyDocumentationTest {
    private static final Path GUIDE = Path.of("../docs/policy.md");
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z]+)` \\|");
    private static final String LEAST = """
            services: { ssh: [22/tcp], web: [443/tcp] }
            identity: { certificate: server.crt, key: server.key }
            clients: { ca: ca.crt }
            """;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyExampleIsGood() throws IOException {
        List<String> examples = YAML.matcher(Files.readString(GUIDE))
                .results()
                .map(found -> found.group(1))
                .toList();

        assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
        for (String each : examples) {
            Path file = Files.writeString(directory.resolve("config.yaml"), LEAST + each);
            assertThat(Configuration.read(file).policy()).as(each).isPresent();
        }
    }

    @Test
    void theTableHasEveryKeyOfARule() throws IOException {
        String guide = Files.readString(GUIDE);
        String table = guide.substring(guide.indexOf("## Keys of a rule"), guide.indexOf("## Times"));

        assertThat(KEY.matcher(table).results().map((MatchResult found) -> found.group(1)))
                .containsExactlyInAnyOrderElementsOf(PolicyReader.KEYS);
    }
}
