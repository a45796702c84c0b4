package io.openme.knocker;

import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Reply.Closed;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Refused;
import io.openme.protocol.Request;
import java.time.Duration;
import java.util.TreeSet;

/** Replies in words for people. */
final class Said {
    private Said() {}

    static String detail(Request request, Reply reply) {
        if (reply instanceof Opened opened) {
            return "open for " + IpLiteral.format(opened.address()) + ": "
                    + String.join(", ", new TreeSet<>(opened.services())) + ", for "
                    + opened.lifetime().toSeconds() + " seconds";
        }
        if (reply instanceof Closed closed) {
            return closed.grants() == 0 ? "there was nothing to close" : closed.grants() + " closed";
        }
        if (reply instanceof Listed listed) {
            return (listed.held().size() + listed.more()) + " held";
        }
        Refused refused = (Refused) reply;
        return "the server said KO to " + request.line() + " (" + refused.reason() + "), so nothing changed: "
                + meaning(refused.reason())
                + refused.retryAfter().map(Said::again).orElse("");
    }

    private static String again(Duration time) {
        return " (in " + time.toSeconds() + " seconds)";
    }

    private static String meaning(Refusal reason) {
        return switch (reason) {
            case TOO_LONG -> "the line is too long for it; name fewer services at once";
            case BAD_REQUEST -> "it does not understand a value in this; check what was asked for";
            case UNSUPPORTED -> "it is too old for this; ask for less, or update the server";
            case TOO_MANY_COMMANDS -> "too many commands in one connection; make a new one";
            case NOT_TRUSTED ->
                "this client's certificate is no longer good there (revoked, expired, or its CA is no"
                        + " longer trusted); ask the server's owner for a new one";
            case NOT_PERMITTED ->
                "its policy does not let this client do that; the server's owner can look with openme"
                        + " check --explain which rule says so";
            case NOT_NOW -> "its policy lets this client do that, but not at this time; try again later";
            case ADDRESS_NOT_PERMITTED ->
                "its policy does not let this client open for this address; the server's owner"
                        + " can allow it guests, or networks to come from";
            case SERVICE_NOT_PERMITTED ->
                "a service of that name is not there, or not for this client; without names all"
                        + " are opened that are";
            case BAD_ADDRESS -> "no packet comes from such an address; name the public address of the guest";
            case TOO_MANY_GRANTS ->
                "this client holds as many openings as it may; close some (openme status lists them)";
            case TOO_MANY_ADDRESSES ->
                "this client holds openings for as many addresses as it may; close one (openme" + " status lists them)";
            case RATE_LIMITED -> "this client asked too often; try again later";
            case NOT_HELD -> "there is nothing to renew; open anew";
            case FIREWALL_FAILED ->
                "the server's firewall does not do what it should; its owner finds the cause in its" + " log";
            case BUSY -> "it is too busy, or about to stop; try again soon";
        };
    }
}
