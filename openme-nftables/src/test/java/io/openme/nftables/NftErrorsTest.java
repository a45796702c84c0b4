package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.CommandResult;
import io.openme.exec.backend.HostTool;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can't be brought about in a test network; {@link NftablesFailuresIT} has what can. */
class NftErrorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            netlink.c:62: Unable to initialize Netlink socket: Protocol not supported    | NOT_SUPPORTED
            netlink: Error: cache initialization failed: Invalid argument                | NOT_SUPPORTED
            /dev/stdin:9:5-9: Error: syntax error, unexpected string                     | NOT_SUPPORTED
            /dev/stdin:9:5-9: Error: Could not process rule: Operation not supported     | NOT_SUPPORTED
            sudo: a password is required                                                 | NOT_PERMITTED
            sudo: nft: command not found                                                 | NOT_INSTALLED
            /dev/stdin:3:1-9: Error: Could not process rule: Device or resource busy     | REJECTED
            nft: symbol lookup error: libnftables.so.1                                   | FAILED
            """)
    void tellsApartWhatNftMeans(String errors, Reason reason) {
        assertThat(failure(errors).reason()).isEqualTo(reason);
    }

    @Test
    void quotesOnlyThePrintableBeginning() {
        FirewallException failure = failure("\u001b[31mred\n" + "x".repeat(10_000));

        assertThat(failure.getMessage())
                .contains("[31mred xxx")
                .hasSizeLessThan(400)
                .matches("[ -~]*");
    }

    private static FirewallException failure(String errors) {
        CommandResult result = new CommandResult(1, "", errors);
        return NftErrors.of(result, new HostTool(List.of("sudo", "-n"), "").notPermitted(result));
    }
}
