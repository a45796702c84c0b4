package io.openme.exec.backend;

import io.openme.exec.CommandResult;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells why a tool was not permitted to change the firewall, and what to do about it: see docs/privileges.md.
 *
 * <p>A tool says no more than that it is not permitted. The reason is in what the prefix says, or in the rights that this
 * process has and hands down.
 */
final class Permission {
    private static final String MORE = ": see docs/privileges.md";
    private static final String REFUSED =
            "Operation not permitted|Permission denied|^sudo: |^Sorry, user|is not in the sudoers file|is not allowed to";

    private record Refusal(Pattern words, String wayOut) {
        Refusal(String words, String wayOut) {
            this(Pattern.compile(words, Pattern.MULTILINE), wayOut);
        }
    }

    private static final List<Refusal> BY_SUDO = List.of(
            new Refusal(
                    "^(>>> )?/etc/sudoers\\S*:(?s:.*)^sudo: a (password|terminal) is required",
                    "sudo can't read a line of its configuration; visudo -c shows it, and the right one is in"
                            + " docs/privileges.md"),
            new Refusal(
                    "^sudo: (a (password|terminal) is|interactive authentication is) required",
                    "sudo wants a password, as no line of its configuration lets this user do without; add the line"
                            + " that is meant for this, by visudo -f /etc/sudoers.d/openme" + MORE),
            new Refusal(
                    "^Sorry, user|is not in the sudoers file|is not allowed to (run sudo|execute)|may not run sudo",
                    "sudo does not let this user run it as root; add the line that is meant for this, by"
                            + " visudo -f /etc/sudoers.d/openme" + MORE),
            new Refusal(
                    "no new privileges",
                    "sudo can't work where new privileges are forbidden; take NoNewPrivileges= out of the systemd unit,"
                            + " or give CAP_NET_ADMIN in place of sudo" + MORE),
            new Refusal(
                    "^sudo: .*(effective uid is not 0|setuid bit)",
                    "sudo is not setuid root, or lies on a file system that is mounted nosuid; reinstall it, or give"
                            + " CAP_NET_ADMIN in place of it" + MORE),
            new Refusal("^sudo: ", "sudo failed; try the same command in a shell" + MORE));

    private Permission() {}

    /**
     * A sign for any refusal, with the way out of this one.
     *
     * @param prefix what was put before the command
     * @param rights those of this process, if they are known
     */
    static Sign sign(List<String> prefix, Optional<Rights> rights, CommandResult result) {
        String errors = Sign.withoutWarnings(result.errors());
        String wayOut = BY_SUDO.stream()
                .filter(refusal -> refusal.words().matcher(errors).find())
                .findFirst()
                .map(Refusal::wayOut)
                .orElseGet(() -> prefix.isEmpty() ? own(rights) : behind(prefix));
        return new Sign(REFUSED, Reason.NOT_PERMITTED, wayOut);
    }

    private static String own(Optional<Rights> rights) {
        if (rights.isEmpty() || !(rights.get().root() || rights.get().able())) {
            return "this user may not change the firewall; run as root, or with CAP_NET_ADMIN"
                    + " (AmbientCapabilities=CAP_NET_ADMIN in the systemd unit), or set the option command to sudo -n"
                    + MORE;
        }
        if (!rights.get().able()) {
            return "root has no CAP_NET_ADMIN here, as in most containers; add it, such as by"
                    + " docker run --cap-add NET_ADMIN" + MORE;
        }
        if (!rights.get().handsDown()) {
            return "this process has CAP_NET_ADMIN, but the tools that it runs do not inherit it; make it ambient"
                    + " (AmbientCapabilities=CAP_NET_ADMIN in the systemd unit, or setpriv --ambient-caps)" + MORE;
        }
        return "CAP_NET_ADMIN does not count here: the network belongs to another user namespace, a security module"
                + " (SELinux, AppArmor) forbids it, or the tool wants CAP_NET_RAW, too" + MORE;
    }

    private static String behind(List<String> prefix) {
        return "behind " + String.join(" ", prefix)
                + " there is no CAP_NET_ADMIN; have the option command lead to root,"
                + " and in a container add the capability, such as by docker run --cap-add NET_ADMIN" + MORE;
    }
}
