package io.openme.pki;

/** What becomes of the certificates that a name had before a renewal. */
public enum OldCertificate {
    /** They stay good until they end, so there is time to bring the new one where it belongs. */
    STAYS,
    /** They are revoked, and the revocation list is written anew. */
    REVOKED
}
