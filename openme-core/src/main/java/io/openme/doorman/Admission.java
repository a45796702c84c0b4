package io.openme.doorman;

import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.util.Objects;

/**
 * What decides who gets in: all that a running doorman can {@linkplain Doorman#reload() take anew}.
 *
 * @param identity the doorman's own key and certificate
 * @param trust whose clients may knock
 * @param policy who may open what
 */
public record Admission(Identity identity, Trust trust, AccessPolicy policy) {
    /** Refuses null. */
    public Admission {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(trust, "trust");
        Objects.requireNonNull(policy, "policy");
    }
}
