package io.openme.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a doorman refused what a client asked for: enough for its owner to mend it, and said only to a client that has
 * proved who it is.
 */
public enum Refusal {
    /** The line is longer than {@link Request#MAX_LENGTH}. The doorman closes after it. */
    TOO_LONG,
    /** The line is none that the grammar allows, or a value in it is not. */
    BAD_REQUEST,
    /** The command, or a parameter of it, is none that this doorman knows. */
    UNSUPPORTED,
    /** More commands came in one connection than it takes. The doorman closes after it. */
    TOO_MANY_COMMANDS,
    /** The client's certificate is no longer good: revoked, expired, or of a CA that is trusted no more. */
    NOT_TRUSTED,
    /** No rule lets this client do that. */
    NOT_PERMITTED,
    /** Not at this time of the day or week. */
    NOT_NOW,
    /** A rule lets the client open, but not for this address. */
    ADDRESS_NOT_PERMITTED,
    /** A service that is not guarded, or that this client may not open. */
    SERVICE_NOT_PERMITTED,
    /** An address that can't be a guest's, such as loopback or multicast. */
    BAD_ADDRESS,
    /** The client holds as many grants as it may. */
    TOO_MANY_GRANTS,
    /** The client holds grants for as many addresses as it may. */
    TOO_MANY_ADDRESSES,
    /** The client has asked too often; the reply says when to come again. */
    RATE_LIMITED,
    /** There is nothing to renew. */
    NOT_HELD,
    /** The firewall does not do what it should. */
    FIREWALL_FAILED,
    /** Too much is waiting, or the doorman is stopping. */
    BUSY;

    /** The word on the wire: {@code not-permitted}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The one with this word; empty if a newer doorman has a reason that is unknown here. */
    public static Optional<Refusal> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    @Override
    public String toString() {
        return word();
    }
}
