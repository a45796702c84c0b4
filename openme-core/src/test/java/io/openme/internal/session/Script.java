package io.openme.internal.session;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What happens to a session, as a fuzzer writes it: bytes that the peer sends, in which {@code 0xFE} and another byte is an
 * event. Nothing of the protocol has that byte, and {@code 0xFE 0xFE} stands for it.
 */
final class Script {
    private static final int MARK = 0xFE;

    private final ByteBuffer bytes;
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private Optional<Event> pending = Optional.empty();

    enum Event {
        /** Ends a record; that data came is what it means. */
        RECORD,
        QUIET,
        END_OF_INPUT,
        DEADLINE,
        /** Allows the decision that is waited for. */
        OK,
        KO,
        /** The decision that ends the conversation. */
        NOT_TRUSTED,
        /** What was said was taken. */
        NEXT
    }

    /** Something that happens; only a record has data. */
    record Step(Event event, ByteBuffer data) {}

    Script(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** What happens next; empty at the end. */
    Optional<Step> next() {
        while (pending.isEmpty() && bytes.hasRemaining()) {
            int next = bytes.get() & 0xff;
            int kind = next == MARK && bytes.hasRemaining() ? bytes.get() & 0xff : MARK;
            if (next != MARK || kind == MARK) {
                data.write(next);
            } else {
                pending = Optional.of(Event.values()[kind % Event.values().length]);
            }
        }
        if (data.size() > 0) {
            byte[] record = data.toByteArray();
            data.reset();
            // That it ends here is all that this event says.
            pending = pending.filter(event -> event != Event.RECORD);
            return Optional.of(new Step(Event.RECORD, ByteBuffer.wrap(record)));
        }
        Optional<Step> step = pending.map(event -> new Step(event, ByteBuffer.allocate(0)));
        pending = Optional.empty();
        return step;
    }
}
