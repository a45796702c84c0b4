package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LeftoversTest {
    private final Leftovers leftovers = new Leftovers();
    private final ByteBuffer scratch = ByteBuffer.allocate(Knock.MOST_BYTES);

    @Test
    void asksForLittleMemoryWhenARecordComesByteByByte() {
        int arrays = 0;
        for (int i = 0; i < Knock.MOST_BYTES; i++) {
            byte[] before = leftovers.bytes();
            leftovers.take(scratch.clear());
            leftovers.keep(scratch.put((byte) i).flip());
            arrays += before == leftovers.bytes() ? 0 : 1;
        }
        // 1, 2, 4 and so on up to 16 KB.
        assertThat(arrays).isEqualTo(15);
        leftovers.take(scratch.clear());
        assertThat(scratch.position()).isEqualTo(Knock.MOST_BYTES);
        assertThat(scratch.get(0x1234)).isEqualTo((byte) 0x34);
    }

    @Test
    void takesNoMoreThanTwiceWhatCame() {
        leftovers.keep(ByteBuffer.allocate(300));
        leftovers.keep(ByteBuffer.allocate(1));

        assertThat(leftovers.length()).isEqualTo(301);
        assertThat(leftovers.bytes()).hasSizeLessThanOrEqualTo(602);
    }

    @Test
    void givesItsMemoryBackWhenNothingIsLeft() {
        leftovers.keep(ByteBuffer.allocate(300));
        leftovers.take(scratch.clear());
        leftovers.keep(scratch.clear().limit(0));

        assertThat(leftovers.bytes()).isEmpty();
    }
}
