package io.openme.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns the flags of the original programs, which had no commands, into commands. */
final class OriginalFlags {
    private static final Set<String> OPEN = Set.of("-o", "--openme");
    private static final Set<String> CLOSE = Set.of("-m", "--meopen", "--miopen");
    private static final Set<String> ME = Set.of("-e", "--me");
    private static final Set<String> DAEMON = Set.of("-c", "--config-file", "-d", "--daemon");
    private static final Set<String> ADDRESS = Set.of("-i", "--ip-address");
    private static final Set<String> SERVER = Set.of("-s", "--server");
    /** Those of the program itself, which may stand before a command. */
    private static final Set<String> GENERAL = Set.of("-h", "--help", "-V", "--version", "-v", "--verbose", "--debug");

    private OriginalFlags() {}

    /**
     * The command that these arguments stand for; themselves if they begin with one, or hold no flag of the original
     * programs.
     *
     * @throws UsageException if they contradict each other
     */
    static List<String> translate(List<String> arguments) {
        String first = arguments.stream()
                .filter(argument -> !GENERAL.contains(argument))
                .findFirst()
                .orElse("");
        if (!first.startsWith("-")) {
            return arguments;
        }
        boolean open = has(arguments, OPEN);
        boolean close = has(arguments, CLOSE);
        boolean me = has(arguments, ME);
        boolean client = open || close || me || has(arguments, ADDRESS) || has(arguments, SERVER);
        if (me && (open || close || has(arguments, ADDRESS))) {
            throw new UsageException("-e/--me only asks the doorman which address it sees; leave out -o, -m and -i");
        }
        if (open && close) {
            throw new UsageException("--openme opens and --meopen closes; give one of them");
        }
        if (has(arguments, DAEMON)) {
            if (client) {
                throw new UsageException("-c and -d are flags of the daemon, -s, -i, -o, -m and -e those of the client;"
                        + " write openme serve -c FILE, or openme open -s HOST");
            }
            return with("serve", arguments);
        }
        if (me) {
            List<String> asking = new ArrayList<>(arguments);
            asking.removeAll(ME);
            asking.add(0, "--me");
            return with("status", asking);
        }
        return client ? with(close ? "close" : "open", knock(arguments)) : arguments;
    }

    /** The arguments of {@code open} and {@code close}: no verbs, and the address without its flag. */
    private static List<String> knock(List<String> arguments) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith("--ip-address=")) {
                rest.add(argument.substring("--ip-address=".length()));
            } else if (!OPEN.contains(argument) && !CLOSE.contains(argument) && !ADDRESS.contains(argument)) {
                rest.add(argument);
            } else if (ADDRESS.contains(argument) && i + 1 == arguments.size()) {
                throw new UsageException(argument + " needs an address, such as " + argument + " 203.0.113.9");
            }
        }
        return rest;
    }

    private static List<String> with(String command, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(arguments);
        return all;
    }

    private static boolean has(List<String> arguments, Set<String> flags) {
        return arguments.stream()
                .anyMatch(argument -> flags.contains(argument)
                        || flags.stream().anyMatch(flag -> flag.startsWith("--") && argument.startsWith(flag + "=")));
    }
}
