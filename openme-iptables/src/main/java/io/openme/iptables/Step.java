package io.openme.iptables;

import java.util.List;

/**
 * One run of a tool that changes the host.
 *
 * @param command the program and its arguments
 * @param input what it reads: begins with a line that names the command, which every tool skips as a comment
 * @param atomic whether a failure leaves everything as it was
 */
record Step(List<String> command, String input, boolean atomic) {
    static Step of(List<String> command, String body, boolean atomic) {
        return new Step(command, "# " + String.join(" ", command) + "\n" + body, atomic);
    }
}
