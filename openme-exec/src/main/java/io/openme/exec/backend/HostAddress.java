package io.openme.exec.backend;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses as the tools of a host print them. */
public final class HostAddress {
    private static final String NUMBER = "(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
    private static final Pattern FOUR = Pattern.compile(NUMBER + "(\\." + NUMBER + "){3}");
    private static final Pattern SIX = Pattern.compile("[0-9a-f:.]*:[0-9a-f:.]*");

    private HostAddress() {}

    /**
     * Reads a literal in the forms that the kernel's tools print; empty for anything else. The JDK would take {@code 1.2}
     * for an address too, and ask a name server for {@code cafe.fe}: nobody is asked here.
     */
    public static Optional<InetAddress> parse(String literal) {
        // With a colon in it, the JDK looks nothing up.
        if (!FOUR.matcher(literal).matches() && !SIX.matcher(literal).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
