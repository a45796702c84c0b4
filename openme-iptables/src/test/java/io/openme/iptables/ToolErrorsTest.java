package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.CommandResult;
import io.openme.exec.backend.HostTool;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can't be brought about in a test network; the integration tests have what can. */
class ToolErrorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iptables-restore v1.8.9 (legacy): iptables-restore: unable to initialize table 'mangle'     | NOT_SUPPORTED
            iptables: Failed to initialize nft: Protocol not supported                                | NOT_SUPPORTED
            Another app is currently holding the xtables lock; still 3s 0us time ahead to have a chance to grab the lock... | TIMED_OUT
            Fatal: can't open lock file /run/xtables.lock: Permission denied                          | NOT_PERMITTED
            iptables-restore v1.8.9 (nf_tables): Couldn't load match `set':No such file or directory  | NOT_SUPPORTED
            iptables-restore v1.8.9 (nf_tables): Set openme.ssh.4a doesn't exist.                     | STATE_LOST
            sudo: a password is required                                                              | NOT_PERMITTED
            sudo: iptables-save: command not found                                                    | NOT_INSTALLED
            iptables-nft-restore: line 2 failed: Bad rule (does a matching rule exist in that chain?). | STATE_LOST
            iptables-restore: line 2 failed                                                           | STATE_LOST
            iptables-restore: line 4 failed                                                           | NOT_SUPPORTED
            iptables-restore: line 99999999999 failed                                                 | STATE_LOST
            iptables: symbol lookup error                                                             | FAILED
            """)
    void tellsApartWhatIptablesMeans(String errors, Reason reason) {
        assertThat(ToolErrors.ofIptables(
                                new CommandResult(1, "", errors), "# a\n*mangle\n-C b\nCOMMIT\n", notPermitted(errors))
                        .reason())
                .isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ipset v7.17: Error in line 3: Hash is full, cannot add more elements                       | REJECTED
            ipset v7.17: Error in line 4: Hash is full, cannot add more elements                       | FAILED
            ipset v7.17: Error in line 2: The set with the given name does not exist                   | STATE_LOST
            ipset v7.17: Error in line 4: The set with the given name does not exist                   | FAILED
            ipset v7.17: Cannot open session to kernel.                                                | NOT_SUPPORTED
            ipset v7.17: Kernel error received: Operation not permitted                                | NOT_PERMITTED
            ipset v7.17: Kernel error received: Unknown error -1                                       | FAILED
            """)
    void tellsApartWhatIpsetMeansAndWhetherAPartIsDone(String errors, Reason reason) {
        Step step = Step.of(List.of("ipset"), "list a -t\nadd a 1\nadd a 2\n", true);

        assertThat(ToolErrors.ofIpset(new CommandResult(1, "", errors), step, notPermitted(errors))
                        .reason())
                .isEqualTo(reason);
    }

    private static Sign notPermitted(String errors) {
        return new HostTool(List.of("sudo", "-n"), "").notPermitted(new CommandResult(1, "", errors));
    }
}
