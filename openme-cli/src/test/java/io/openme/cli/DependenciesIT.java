package io.openme.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Holds the page that gives a reason for each dependency to the list that the program carries. */
class DependenciesIT {
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^ ]+) \\|.*");

    @Test
    void thePageNamesEachDependencyOfTheProgramInItsVersionAndNoOther() throws IOException {
        List<String> named = Files.readString(Path.of("../docs/security/dependencies.md"))
                .lines()
                .map(ROW::matcher)
                .filter(row -> row.matches())
                .map(row -> row.group(1) + ":" + row.group(2))
                .toList();

        assertThat(named).hasSizeGreaterThan(10).doesNotHaveDuplicates();
        assertThat(named).containsExactlyInAnyOrderElementsOf(carried());
    }

    /** What the list in the jar has of others. JSON is YAML, too. */
    private static List<String> carried() throws IOException {
        try (JarFile jar = new JarFile("target/openme.jar")) {
            ZipEntry entry = jar.getEntry("META-INF/sbom/openme-cli.cdx.json");
            assertThat(entry)
                    .as("the list, which Maven makes only when it is not offline")
                    .isNotNull();
            InputStream list = jar.getInputStream(entry);
            Map<?, ?> bom = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(list);
            List<?> components = (List<?>) requireNonNull(bom.get("components"), "components");
            return components.stream()
                    .map(component -> (Map<?, ?>) component)
                    .filter(component -> !"io.openme".equals(component.get("group")))
                    .map(component ->
                            component.get("group") + ":" + component.get("name") + ":" + component.get("version"))
                    .toList();
        }
    }
}
