package io.openme.exec;

import org.jspecify.annotations.Nullable;

/**
 * A command did not run to its end. A command that ran and returned a non-zero code is a {@link CommandResult} instead.
 *
 * <p>The message names the program, never its input.
 */
public class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The program is not there; nothing was run. */
    public static final class NotFound extends CommandException {
        private static final long serialVersionUID = 1L;

        NotFound(String message) {
            super(message, null);
        }
    }

    /** The program did not end in time. It may have done its work, and, if it could not be killed, may do so yet. */
    public static final class TimedOut extends CommandException {
        private static final long serialVersionUID = 1L;

        TimedOut(String message) {
            super(message, null);
        }
    }

    /** The program wrote more than it may and was ended for that. It may have done its work. */
    public static final class OutputTooLong extends CommandException {
        private static final long serialVersionUID = 1L;

        OutputTooLong(String message) {
            super(message, null);
        }
    }

    /**
     * The program was not run, since an earlier one that changes something was given up and has not ended: what that one
     * does may come at any time.
     */
    public static final class StillRunning extends CommandException {
        private static final long serialVersionUID = 1L;

        StillRunning(String message) {
            super(message, null);
        }
    }
}
