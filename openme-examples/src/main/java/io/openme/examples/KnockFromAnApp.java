package io.openme.examples;

import io.openme.doorman.Doorman;
import io.openme.knocker.KnockResult;
import io.openme.knocker.Knocker;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.nio.file.Path;

/**
 * An app that knocks before it connects.
 *
 * <p>Each kind of failure asks for something else: a person who may not enter is told so, a network that is down is tried
 * again later, and a server that is not the right one is never trusted.
 */
public final class KnockFromAnApp {
    private KnockFromAnApp() {}

    /** Knocks at this host. The directory of the certificates may be named, and the port after it. */
    public static void main(String[] args) {
        Path pki = Path.of(args.length == 0 ? "pki" : args[0]);
        System.exit(knock(pki, args.length < 2 ? Doorman.DEFAULT_PORT : Integer.parseInt(args[1])) ? 0 : 1);
    }

    /** Whether the door is open now. */
    public static boolean knock(Path pki, int knockPort) {
        Knocker knocker = Knocker.builder()
                .identity(Identity.ofPem(pki.resolve("alice.crt"), pki.resolve("alice.key")))
                .trust(Trust.ofPem(pki.resolve("ca.crt")))
                .server("localhost", knockPort)
                .build();
        KnockResult result = knocker.open();

        String advice = switch (result.status()) {
            case GRANTED -> "come in";
            case REFUSED -> "the doorman knows you, and says no";
            case UNSUPPORTED -> "the doorman is too old for what was asked";
            case NOT_AUTHENTICATED -> "the doorman does not know you";
            case WRONG_SERVER -> "that is not the doorman you were looking for";
            case UNREACHABLE, TIMED_OUT -> "try again later";
        };
        System.out.println(advice + ": " + result.detail());
        return result.granted();
    }
}
