package io.openme.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The host's firewall could not be used, or did not do what it was asked. */
public class FirewallException extends OpenmeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why it failed; each stands for something that the caller does differently. */
    public enum Reason {
        /** The host's tool is not there. */
        NOT_INSTALLED,
        /** This user may not change the firewall. */
        NOT_PERMITTED,
        /** The kernel or the tool lacks something that is needed. */
        NOT_SUPPORTED,
        /** An option or another part of the configuration has a bad value. */
        MISCONFIGURED,
        /** Somebody removed our guard or a part of it: nothing was changed, and {@link Firewall#install} mends it. */
        STATE_LOST,
        /** The host refused one of the changes, such as for a full set, and applied none. */
        REJECTED,
        /**
         * An earlier command that was given up has not ended, and may do its work yet. This call changed nothing, and none
         * will until that has ended; then {@link Firewall#install} brings the host to a known state.
         */
        BUSY,
        /** The host did not answer in time; whether the change took effect is unknown. */
        TIMED_OUT,
        /** Anything else; whether the change took effect is unknown. */
        FAILED
    }

    /** A failure for this reason. */
    public FirewallException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** A failure for this reason, with its cause. */
    public FirewallException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** Why it failed. */
    public Reason reason() {
        return reason;
    }

    /** Whether the host certainly is as it was before the call. */
    public boolean nothingChanged() {
        return reason != Reason.TIMED_OUT && reason != Reason.FAILED;
    }
}
