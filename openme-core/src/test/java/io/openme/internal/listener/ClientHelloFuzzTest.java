package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.internal.listener.ClientHello.Verdict;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The gate that all bytes of strangers come to. */
class ClientHelloFuzzTest {
    @FuzzTest
    void judgesEveryBeginningTheSameWay(byte[] bytes) {
        Verdict verdict = ClientHello.judge(bytes, bytes.length);

        assertThat(verdict == Verdict.COMPLETE).isEqualTo(beginsWithOne(bytes));
        if (bytes.length >= ClientHello.LONGEST) {
            assertThat(verdict).as("never waits for more than the longest").isNotEqualTo(Verdict.MORE);
        }
        Verdict before = Verdict.MORE;
        for (int length = 0; length <= bytes.length; length++) {
            Verdict now = ClientHello.judge(bytes, length);
            // Plain, as there are thousands of lengths.
            if (before != Verdict.MORE && now != before) {
                throw new AssertionError("takes back what it said at " + length + " bytes: " + before + ", now " + now);
            }
            before = now;
        }
        byte[] junk = Arrays.copyOf(bytes, bytes.length + 16);
        Arrays.fill(junk, bytes.length, junk.length, (byte) 0x16);
        assertThat(ClientHello.judge(junk, bytes.length))
                .as("looks at nothing behind the length")
                .isEqualTo(verdict);
    }

    /** The same by other words: those of RFC 8446. */
    private static boolean beginsWithOne(byte[] bytes) {
        if (bytes.length < 5 + 4 + 2) {
            return false;
        }
        ByteBuffer hello = ByteBuffer.wrap(bytes);
        boolean handshake = hello.get() == 22;
        int recordVersion = hello.getShort() & 0xffff;
        int record = hello.getShort() & 0xffff;
        int message = hello.getInt();
        int version = hello.getShort() & 0xffff;
        return handshake
                && recordVersion >= 0x0300
                && recordVersion <= 0x0304
                && version >= 0x0300
                && version <= 0x0304
                && message == (1 << 24 | (record - 4))
                && record >= 45
                && record <= 4096 - 5
                && bytes.length >= 5 + record;
    }
}
