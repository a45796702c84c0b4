package io.openme.iptables;

import java.util.List;

/**
 * One run of a tool that changes the host.
 *
 * @param command the program and its arguments
 * @param input what it reads: begins with a line that names the command, which every tool skips as a comment
 * @param inUse whether it changes what packets are judged by, rather than what is prepared or left over
 */
record Step(List<String> command, String input, boolean inUse) {
    static Step of(List<String> command, String body, boolean inUse) {
        return new Step(command, "# " + String.join(" ", command) + "\n" + body, inUse);
    }
}
