package io.openme.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.spi.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Configurations of both formats, with their policies. */
class ConfigurationFuzzTest {
    private static final int LONGEST_LINE = 2000;

    @FuzzTest
    void isReadWholeOrRefusedInLinesThatNameTheFile(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("openme-fuzz", ".yaml");
        try {
            Files.write(file, bytes);
            Configuration configuration = Configuration.read(file);

            assertThat(configuration.listen()).isNotEmpty();
            Set<String> names =
                    configuration.services().stream().map(Service::name).collect(Collectors.toSet());
            assertThat(names).isNotEmpty();
            assertThat(configuration.grants().lifetime())
                    .isPositive()
                    .isLessThanOrEqualTo(configuration.grants().longest());
            assertThat(configuration.accessPolicy()).isNotNull();
            assertThat(configuration.context(configuration.firewall().onClose()).serviceNames())
                    .isEqualTo(names);
        } catch (ConfigurationException e) {
            String message = String.valueOf(e.getMessage());
            assertThat(message.lines()).allMatch(line -> line.contains(file.toString()));
            assertThat(message.lines()).allMatch(line -> line.length() <= LONGEST_LINE);
            assertThat(message.codePoints().filter(c -> c != '\n')).noneMatch(Character::isISOControl);
        } finally {
            Files.delete(file);
        }
    }
}
