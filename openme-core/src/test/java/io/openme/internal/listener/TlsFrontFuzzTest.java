package io.openme.internal.listener;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** A whole connection, from the first byte of a stranger to the last of an answer. */
class TlsFrontFuzzTest {
    @FuzzTest
    void endsWithoutAFaultAndTellsNobodyWhatWasNotDecided(byte[] script) throws IOException {
        new FuzzedConnection(script).run();
    }
}
