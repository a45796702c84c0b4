package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.exec.CommandResult;
import io.openme.exec.backend.HostTool;
import io.openme.spi.FirewallException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What nft, or the command before it, complains of. */
class NftErrorsFuzzTest {
    private static final List<HostTool> TOOLS = List.of(new HostTool(List.of(), ""), new HostTool(List.of("sudo"), ""));

    @FuzzTest
    void tellsWhatItMeansInWordsFitForATerminal(byte[] bytes) {
        CommandResult result = new CommandResult(1, "", new String(bytes, StandardCharsets.ISO_8859_1));
        for (HostTool tool : TOOLS) {
            FirewallException failure = NftErrors.of(result, tool.notPermitted(result));

            assertThat(failure.getMessage()).matches("[ -~]+").hasSizeLessThan(1000);
        }
    }
}
