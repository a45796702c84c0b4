package io.openme.cli.split;

import java.io.IOException;

/** The other side said what the protocol has no place for; nothing more can be read from it. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
