package io.openme.iptables;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/**
 * The names of an owner's chains and sets. A dot, which neither an owner nor a service has, parts them, so that no two
 * owners or services come to the same name.
 *
 * @param owner the owner tag
 */
record Names(String owner) {
    /** The kernel's limit is 31; a chain's is 28, which an owner of 15 does not reach. */
    private static final int LONGEST_SET = 31;

    private static final String DIGIT_AND_GENERATION = ".4a";
    private static final String GENERATIONS = "abcdefghijklmnopqrstuvwxyz";
    private static final int HASH_BYTES = 6;

    /** The chain that PREROUTING jumps to. */
    String guard() {
        return owner;
    }

    /** The chain that goes on with what is for this host, by its routes. */
    String here() {
        return owner + ".here";
    }

    /** The chain that INPUT jumps to. */
    String in() {
        return owner + ".in";
    }

    /** The chain that goes on with what is delivered to this host, whatever its routes say. */
    String delivered() {
        return owner + ".delivered";
    }

    /** The chain that leads a port to the chain that judges it. */
    String judge() {
        return owner + ".judge";
    }

    /** The chain that judges what is for ports of a combination of services; {@code number} from 1. */
    String check(int number) {
        return owner + "." + number;
    }

    /** The chain that lets connections pass that are older than the guard, and drops the rest. */
    String last() {
        return owner + ".last";
    }

    /** The chain that OUTPUT jumps to. */
    String out() {
        return owner + ".out";
    }

    /** The chain that judges to whom the ports of a combination of services may begin to send; {@code number} from 1. */
    String answers(int number) {
        return out() + "." + number;
    }

    /** The chain that limits new connections to the doorman's own ports. */
    String door() {
        return owner + ".door";
    }

    /** The set of a service's openings. */
    String set(String service, Family family, char generation) {
        return set(service) + family.digit() + generation;
    }

    /** The set of connections that are older than the guard. In capitals, as no service is. */
    String earlierSet(Family family, char generation) {
        return owner + ".EARLIER." + family.digit() + generation;
    }

    /** Whether this is a set of connections that are older than the guard, of any generation. */
    boolean isEarlierSet(String name) {
        return name.startsWith(owner + ".EARLIER.");
    }

    /** Whether this is a set of the service's openings, of any generation. */
    boolean isSetOf(String name, String service) {
        return name.startsWith(set(service)) && name.length() == set(service).length() + 2;
    }

    /** Whether a chain or a set is this owner's. */
    boolean isOurs(String name) {
        return name.equals(owner) || name.startsWith(owner + ".");
    }

    /** A generation that none of these sets is of, so that new sets can be filled before rules change over to them. */
    char freeGeneration(Collection<String> sets) {
        return (char) GENERATIONS
                .chars()
                .filter(generation ->
                        sets.stream().noneMatch(set -> isOurs(set) && set.charAt(set.length() - 1) == generation))
                .findFirst()
                .orElseThrow(() -> new FirewallException(
                        Reason.REJECTED,
                        "somebody's rules hold so many old sets of " + owner
                                + " that there is no name for new ones; see them with ipset list -name, and remove"
                                + " those rules"));
    }

    private String set(String service) {
        boolean fits = owner.length() + 1 + service.length() + DIGIT_AND_GENERATION.length() <= LONGEST_SET;
        return owner + "." + (fits ? service : hash(service)) + ".";
    }

    /** Twelve hexadecimal digits, in capitals, as no service is. */
    private static String hash(String service) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(service.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().withUpperCase().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
