package io.openme.pki;

import io.openme.spi.OpenmeException;
import org.jspecify.annotations.Nullable;

/** A certification authority could not do what it was asked; what it had before is as it was. */
public class CaException extends OpenmeException {
    private static final long serialVersionUID = 1L;

    /** A failure with this message. */
    public CaException(String message) {
        super(message);
    }

    /** A failure with this message and cause. */
    public CaException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
