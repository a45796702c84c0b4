package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Victim.Setup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The attacks, in the order in which they are made; {@link Behaviours} has what each does. */
enum Attack {
    /** No attack at all, for comparison. */
    NONE(Proof.NOTHING),
    IDLE(Proof.HELD),
    DRIPPING(Proof.HELD),
    CLIENT_HELLO_SILENCE(Proof.HELD),
    HALF_HANDSHAKE(Proof.HELD),
    OVERSIZED(Proof.DONE),
    PLAINTEXT(Proof.DONE),
    GARBAGE(Proof.DONE),
    RESET(Proof.DONE),
    COSTLY_GROUPS(Proof.DONE),
    CERTIFICATE_CHAINS(Proof.CALCULATED),
    KEY_UPDATES(Proof.CALCULATED),
    AUTHENTICATED_FLOOD(Proof.CALCULATED),
    SLOW_READERS(Proof.CALCULATED),
    RELOADS(Proof.CALCULATED),
    IPV6_PREFIXES(Proof.HELD),
    RENEGOTIATION(Proof.CALCULATED),
    DESCRIPTORS(Proof.BEYOND);

    /** What a process gets that nobody gave more. */
    private static final int FEW_DESCRIPTORS = 1024;

    /** For as many connections as a doorman takes, and its reserve. */
    private static final int ENOUGH_DESCRIPTORS = 17_000;

    private final Proof proof;

    Attack(Proof proof) {
        this.proof = proof;
    }

    Proof proof() {
        return proof;
    }

    /** The doorman that it is made on, with these lines of configuration besides. */
    Setup setup(List<String> configuration) {
        List<String> all = new ArrayList<>(configuration);
        if (this == RENEGOTIATION) {
            // TLS 1.3 has none.
            all.add("tls: { allow-1.2: true }");
        }
        return new Setup(this == DESCRIPTORS ? FEW_DESCRIPTORS : ENOUGH_DESCRIPTORS, List.copyOf(all));
    }

    /** {@code client-hello-silence}. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The one with this title.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Attack of(String title) {
        return Arrays.stream(values())
                .filter(attack -> attack.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no attack " + title + "; there are "
                        + Arrays.stream(values()).map(Attack::title).collect(Collectors.joining(", "))));
    }
}
