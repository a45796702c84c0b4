package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.exec.CommandResult;
import io.openme.exec.backend.HostTool;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What iptables and ipset, or the command before them, complain of. */
class ToolErrorsFuzzTest {
    private static final List<HostTool> TOOLS = List.of(new HostTool(List.of(), ""), new HostTool(List.of("sudo"), ""));
    private static final Step STEP = Step.of(List.of("ipset"), "list a -t\nadd a 1\nadd a 2\n", true);

    @FuzzTest
    void tellsWhatTheyMeanInWordsFitForATerminal(byte[] bytes) {
        CommandResult result = new CommandResult(1, "", new String(bytes, StandardCharsets.ISO_8859_1));
        for (HostTool tool : TOOLS) {
            Sign notPermitted = tool.notPermitted(result);
            List<FirewallException> failures = List.of(
                    ToolErrors.ofIptables(result, "# a\n*mangle\n-C b\nCOMMIT\n", notPermitted),
                    ToolErrors.ofIpset(result, STEP, notPermitted));

            for (FirewallException failure : failures) {
                assertThat(failure.getMessage()).matches("[ -~]+").hasSizeLessThan(1000);
            }
        }
    }
}
