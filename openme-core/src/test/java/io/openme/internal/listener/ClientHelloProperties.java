package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.listener.ClientHello.Verdict;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ClientHelloProperties {
    @Property
    void neverThrowsAndLetsPassWhatIsOneAndNothingElse(@ForAll("almostClientHellos") byte[] bytes) {
        assertThat(ClientHello.judge(bytes, bytes.length) == Verdict.COMPLETE).isEqualTo(beginsWithOne(bytes));
    }

    @Property
    void neverThrowsAndLetsNothingPassOfWhatComesByChance(@ForAll byte[] bytes) {
        assertThat(ClientHello.judge(bytes, bytes.length) == Verdict.COMPLETE).isEqualTo(beginsWithOne(bytes));
    }

    @Property
    void judgesTheSameHoweverTheBytesAreCutIntoReads(
            @ForAll("almostClientHellos") byte[] bytes, @ForAll List<@IntRange(min = 1, max = 600) Integer> cuts) {
        assertThat(judgeInPieces(bytes, cuts)).isEqualTo(ClientHello.judge(bytes, bytes.length));
    }

    @Property
    void neverWaitsForMoreThanTheLongest(@ForAll("almostClientHellos") byte[] bytes) {
        byte[] longest = Arrays.copyOf(bytes, ClientHello.LONGEST);

        assertThat(ClientHello.judge(longest, longest.length)).isNotEqualTo(Verdict.MORE);
    }

    @Property
    void looksAtNothingBehindTheLength(@ForAll("almostClientHellos") byte[] bytes, @ForAll byte junk) {
        byte[] buffer = Arrays.copyOf(bytes, bytes.length + 100);
        Arrays.fill(buffer, bytes.length, buffer.length, junk);

        assertThat(ClientHello.judge(buffer, bytes.length)).isEqualTo(ClientHello.judge(bytes, bytes.length));
    }

    /** One, of which a few bytes were changed and the end cut off or grown: each of this at times not at all. */
    @Provide
    Arbitrary<byte[]> almostClientHellos() {
        Arbitrary<Integer> records = Arbitraries.oneOf(
                Arbitraries.integers().between(40, 50),
                Arbitraries.integers().between(200, 600),
                Arbitraries.integers().between(ClientHello.LONGEST - 10, ClientHello.LONGEST + 10));
        Arbitrary<int[]> changes =
                Arbitraries.integers().between(0, 11).array(int[].class).ofMaxSize(2);
        Arbitrary<Byte> values = Arbitraries.oneOf(
                Arbitraries.of((byte) 0, (byte) 1, (byte) 3, (byte) 4, (byte) 0x16), Arbitraries.bytes());
        Arbitrary<Integer> growths =
                Arbitraries.oneOf(Arbitraries.just(0), Arbitraries.integers().between(-600, 20));
        return Combinators.combine(records, changes, values, growths).as(ClientHelloProperties::almost);
    }

    private static byte[] almost(int record, int[] changes, byte value, int growth) {
        byte[] bytes = ByteBuffer.allocate(5 + record)
                .put(new byte[] {0x16, 3, 1})
                .putShort((short) record)
                .putInt(1 << 24 | (record - 4))
                .put(new byte[] {3, 3})
                .array();
        for (int index : changes) {
            bytes[index] = value;
        }
        return Arrays.copyOf(bytes, Math.max(0, bytes.length + growth));
    }

    private static Verdict judgeInPieces(byte[] bytes, List<Integer> cuts) {
        byte[] buffer = new byte[bytes.length];
        int length = 0;
        for (int i = 0; length < bytes.length; i++) {
            int count = Math.min(i < cuts.size() ? cuts.get(i) : bytes.length, bytes.length - length);
            System.arraycopy(bytes, length, buffer, length, count);
            length += count;
            Verdict verdict = ClientHello.judge(buffer, length);
            if (verdict != Verdict.MORE) {
                return verdict;
            }
        }
        return Verdict.MORE;
    }

    /** As RFC 8446 draws it: a record of type 22 with a message of type 1 in it that fills it. */
    private static boolean beginsWithOne(byte[] bytes) {
        if (bytes.length < 11) {
            return false;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean handshake = in.get() == 22 && in.get() == 3;
        boolean version = in.get() <= 4 && bytes[2] >= 0;
        int record = Short.toUnsignedInt(in.getShort());
        boolean fits = record >= 45 && record <= 4091 && in.remaining() >= record;
        boolean hello = in.get() == 1;
        int body = in.get() << 16 | Short.toUnsignedInt(in.getShort());
        return handshake
                && version
                && fits
                && hello
                && body == record - 4
                && in.get() == 3
                && in.get() <= 4
                && bytes[10] >= 0;
    }
}
