package io.openme.cli.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputRelayTest {
    @Test
    void passesOnLinesAndNothingThatATerminalWouldObey() throws Exception {
        String said = "Listening\n\tat x\n\u001b]52;c;Y3VybA==\u0007\u009b6n\r\u007f~\n";
        ByteArrayOutputStream heard = new ByteArrayOutputStream();

        OutputRelay.start(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)), heard)
                .await();

        assertThat(heard.toString(StandardCharsets.US_ASCII)).isEqualTo("Listening\n\tat x\n?]52;c;Y3VybA==???6n??~\n");
    }
}
