package io.openme.cli;

import io.openme.spi.OpenmeException;
import org.jspecify.annotations.Nullable;

/** The program was asked for something that can't be done like this. */
final class UsageException extends OpenmeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        this(message, null);
    }

    /** What a library calls a bad argument, and this program a bad option. */
    UsageException(IllegalArgumentException cause) {
        this(String.valueOf(cause.getMessage()), cause);
    }

    UsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
