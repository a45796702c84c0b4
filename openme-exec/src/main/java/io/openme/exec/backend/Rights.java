package io.openme.exec.backend;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this process may do to the firewall, as Linux tells.
 *
 * @param root whether it runs as root
 * @param able whether it has CAP_NET_ADMIN
 * @param handsDown whether a program that it starts has it, too: one of root's has, one of another user's if it is ambient
 */
record Rights(boolean root, boolean able, boolean handsDown) {
    private static final Pattern FIELD = Pattern.compile("(?m)^(Uid:\\s+\\d+|CapEff:|CapAmb:)\\s+([0-9a-f]+)");
    private static final int NET_ADMIN = 12;

    /** Those of this process; empty where there is no Linux to tell. */
    static Optional<Rights> ofThisProcess() {
        try {
            return Optional.of(parse(Files.readString(Path.of("/proc/self/status"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Those in what {@code /proc/PID/status} says. */
    static Rights parse(String status) {
        boolean root = false;
        boolean able = false;
        boolean ambient = false;
        Matcher field = FIELD.matcher(status);
        while (field.find()) {
            String value = field.group(2);
            if (field.group(1).startsWith("Uid")) {
                root = value.equals("0"); // the effective one
            } else if (field.group(1).equals("CapEff:")) {
                able = new BigInteger(value, 16).testBit(NET_ADMIN);
            } else {
                ambient = new BigInteger(value, 16).testBit(NET_ADMIN);
            }
        }
        return new Rights(root, able, able && (root || ambient));
    }
}
