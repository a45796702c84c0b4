package io.openme.doorman;

import io.openme.protocol.Refusal;

/** Refusals in words, for the log and the owner. */
final class Reasons {
    private Reasons() {}

    static String of(Refusal why) {
        return switch (why) {
            case TOO_MANY_GRANTS -> "it holds as many grants as it may";
            case TOO_MANY_ADDRESSES -> "it holds grants for as many addresses as it may";
            case NOT_HELD -> "it renews what it does not hold";
            case FIREWALL_FAILED -> "the firewall failed";
            case BUSY -> "the doorman is stopping, or too much is waiting";
            default -> why.word();
        };
    }
}
