package io.openme.protocol;

import java.util.Objects;

/** A line that is none of {@code openme/2}. */
public final class MalformedLineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    MalformedLineException(Refusal refusal, String message) {
        super(message);
        this.refusal = Objects.requireNonNull(refusal);
    }

    /** What to answer whoever sent it. */
    public Refusal refusal() {
        return refusal;
    }
}
