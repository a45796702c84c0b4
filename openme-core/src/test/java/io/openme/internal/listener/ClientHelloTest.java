package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.listener.ClientHello.Verdict;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientHelloTest {
    @Test
    void knowsOneAtItsLastByteAndNotBefore() {
        byte[] hello = hello(517);
        for (int length = 0; length < hello.length; length++) {
            assertThat(ClientHello.judge(hello, length)).as("%d bytes", length).isEqualTo(Verdict.MORE);
        }
        assertThat(ClientHello.judge(hello, hello.length)).isEqualTo(Verdict.COMPLETE);
        assertThat(ClientHello.judge(Arrays.copyOf(hello, hello.length + 9), hello.length + 9))
                .isEqualTo(Verdict.COMPLETE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0x17", "0, 0x80", "1, 2", "2, 5", "5, 2", "6, 1", "7, 0", "8, 0", "9, 2", "10, 5", "10, 0x80"})
    void refusesAtTheFirstByteThatIsWrong(int index, String value) {
        byte[] hello = hello(517);
        hello[index] = (byte) Integer.decode(value).intValue();
        // A length is known by its last byte only.
        int known = index == 7 || index == 8 ? 9 : index + 1;

        assertThat(ClientHello.judge(hello, known)).isEqualTo(Verdict.NOT_ONE);
    }

    @Test
    void refusesALengthThatIsOutOfBoundsByTheHeaderAlone() {
        assertThat(ClientHello.judge(hello(44), 5)).isEqualTo(Verdict.NOT_ONE);
        assertThat(ClientHello.judge(hello(45), 5)).isEqualTo(Verdict.MORE);
        assertThat(ClientHello.judge(hello(ClientHello.LONGEST - 5), 5)).isEqualTo(Verdict.MORE);
        assertThat(ClientHello.judge(hello(ClientHello.LONGEST - 4), 5)).isEqualTo(Verdict.NOT_ONE);
    }

    /** The headers of a ClientHello whose record has this length. */
    private static byte[] hello(int record) {
        byte[] bytes = new byte[5 + record];
        int body = record - 4;
        byte[] begin = {0x16, 3, 1, (byte) (record >> 8), (byte) record, 1, 0, (byte) (body >> 8), (byte) body, 3, 3};
        System.arraycopy(begin, 0, bytes, 0, begin.length);
        return bytes;
    }
}
