package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    private static final Path NOWHERE = Path.of("nowhere");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo ",
                "serve ",
                "firewall-helper ",
                "check ",
                "uninstall ",
                "open ",
                "close ",
                "status ",
                "hold ",
                "pin ",
                "ca ",
                "ca init ",
                "ca server ",
                "ca client ",
                "ca renew ",
                "ca revoke ",
                "ca crl ",
                "ca list ",
                "ca export ",
                "ca import ",
                "audit ",
                "audit verify "
            })
    void isThereOnEachLevelWithAnExample(String command) {
        Run run = Run.of(NOWHERE, (command + "--help").split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Usage: openme " + command.strip())
                .contains("Example")
                .contains("  openme ");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }

    @Test
    void namesTheVersionOfTheBuild() {
        assertThat(Run.of(NOWHERE, "--version").out()).matches("openme \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
    }

    @Test
    void completesInAShell() {
        assertThat(Run.of(NOWHERE, "generate-completion").out()).contains("complete -F _complete_openme");
    }

    @Test
    void isPointedToWithoutACommand() {
        Run run = Run.of(NOWHERE);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("say what to do").contains("Try: openme --help");
    }
}
