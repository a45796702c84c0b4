package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** The written protocol, whatever a peer sends and whenever its decision comes. */
class KnockSessionFuzzTest {
    @FuzzTest
    void asksAndAnswersAtMostOnce(byte[] script) {
        SessionRun run = new SessionRun(new KnockSession());

        run.carryOut(script);

        assertThat(run.asked()).hasSizeLessThanOrEqualTo(1);
        assertThat(run.said()).hasSizeLessThanOrEqualTo(1);
        assertThat(run.said()).allMatch(text -> text.matches("(OK|KO)(\r?\n)?"));
    }
}
