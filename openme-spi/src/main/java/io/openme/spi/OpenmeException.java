package io.openme.spi;

import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that openme throws on purpose.
 *
 * <p>The message names the thing, the value and the way out; it never holds a secret or unsanitised input of a peer.
 */
public class OpenmeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception with this message. */
    public OpenmeException(String message) {
        super(message);
    }

    /** An exception with this message and this cause. */
    public OpenmeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
