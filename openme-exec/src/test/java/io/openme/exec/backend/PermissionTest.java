package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.CommandResult;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionTest {
    private static final List<String> SUDO = List.of("sudo", "-n");
    private static final String REFUSED = "Operation not permitted (you must be root)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sudo: a password is required                                                     | wants a password
            sudo: a terminal is required to read the password; either use the -S option      | wants a password
            sudo: interactive authentication is required                                     | wants a password
            /etc/sudoers.d/openme:1:16: syntax error\\nopenme oops\\nsudo: a password is required | visudo -c
            /etc/sudoers.d/openme:1:21: expected a fully-qualified path\\nsudo: a password is required | visudo -c
            >>> /etc/sudoers: syntax error near line 3 <<<\\nsudo: a password is required   | visudo -c
            Sorry, user openme is not allowed to execute '/usr/sbin/nft -f -' as root on gate. | does not let this user
            openme is not in the sudoers file.                                               | does not let this user
            sudo: The "no new privileges" flag is set, which prevents sudo from running as root. | NoNewPrivileges=
            sudo: effective uid is not 0, is /usr/bin/sudo on a file system with 'nosuid'?   | setuid
            sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set           | setuid
            sudo: unknown user: root                                                         | sudo failed
            Operation not permitted (you must be root)                                       | behind sudo -n there is no
            """)
    void saysWhatIsWrongWithSudoAndTheWayOut(String errors, String wayOut) {
        FirewallException failure =
                failure(SUDO, Optional.empty(), errors.replace("\\n", "\n")).orElseThrow();

        assertThat(failure.reason()).isEqualTo(Reason.NOT_PERMITTED);
        assertThat(failure).hasMessageContaining(wayOut).hasMessageContaining("docs/privileges.md");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sudo: unable to resolve host gate: Name or service not known\nError: No such file or directory",
                "sudo: unable to send audit message: Operation not permitted\nError: Device or resource busy",
                "Error: Could not process rule: No such file or directory"
            })
    void takesNoWarningOfSudoAndNoOtherFailureForARefusal(String errors) {
        assertThat(failure(SUDO, Optional.empty(), errors)).isEmpty();
    }

    @Test
    void saysWhatThisProcessLacks() {
        assertThat(refused("0000000000000000", "0000000000000000", 4711)).contains("sudo -n", "AmbientCapabilities");
        assertThat(refused("0000000000000400", "0000000000000400", 4711)).contains("sudo -n", "AmbientCapabilities");
        assertThat(refused("0000000000001000", "0000000000000000", 4711)).contains("do not inherit it");
        assertThat(refused("0000000000001000", "0000000000001000", 4711)).contains("does not count here");
        assertThat(refused("000001ffffffefff", "0000000000000000", 0)).contains("--cap-add NET_ADMIN");
        assertThat(refused("000001ffffffffff", "0000000000000000", 0)).contains("does not count here");
        assertThat(failure(List.of(), Optional.empty(), REFUSED).orElseThrow()).hasMessageContaining("sudo -n");
    }

    /** The real user is the one who started it, the effective one counts. */
    private static String refused(String effective, String ambient, int user) {
        Rights rights =
                Rights.parse("Name:\tjava\nUid:\t1000\t" + user + "\t1000\t1000\nCapInh:\t000001ffffffffff\nCapPrm:\t"
                        + "000001ffffffffff\nCapEff:\t" + effective + "\nCapAmb:\t" + ambient + "\n");
        return String.valueOf(
                failure(List.of(), Optional.of(rights), REFUSED).orElseThrow().getMessage());
    }

    private static Optional<FirewallException> failure(List<String> prefix, Optional<Rights> rights, String errors) {
        CommandResult result = new CommandResult(1, "", errors);
        return Sign.find(List.of(Permission.sign(prefix, rights, result)), result);
    }
}
