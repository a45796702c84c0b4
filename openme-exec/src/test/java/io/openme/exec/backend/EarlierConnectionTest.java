package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class EarlierConnectionTest {
    @Test
    void readsTheConnectionsOfProc() throws UnknownHostException {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the sample is of a little-endian machine");

        assertThat(EarlierConnection.parse("""
                                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
                                   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
                                   1: 010200C0:0016 020200C0:9C40 01 00000000:00000000 00:00000000 00000000     0
                                   2: 010200C0:0016 030200C0:9C41 06 00000000:00000000 00:00000000 00000000     0
                                  10: 010200C0:0050 030200C0:9C42 08 00000000:00000000 00:00000000 00000000     0
                                  sl  local_address                         remote_address                        st
                                   0: B80D0120000001000000000001000000:0016 B80D0120000001000000000002000000:8000 01 0
                                   1: 0000000000000000FFFF0000010200C0:0016 0000000000000000FFFF0000020200C0:8001 01 0
                                garbage
                                """))
                .containsExactly(
                        new EarlierConnection(InetAddress.getByName("192.0.2.2"), 40000, 22),
                        new EarlierConnection(InetAddress.getByName("192.0.2.3"), 40002, 80),
                        new EarlierConnection(InetAddress.getByName("2001:db8:1::2"), 32768, 22),
                        new EarlierConnection(InetAddress.getByName("192.0.2.2"), 32769, 22));
    }
}
