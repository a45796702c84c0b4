package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.session.Script.Step;
import io.openme.internal.session.Session.Effect;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.util.ArrayList;
import java.util.List;

/** Drives a session as the listener does, and holds it to what every session promises. */
final class SessionRun {
    private final Session session;
    private final List<Request> asked = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private int allowed;
    private boolean waiting;
    private boolean saying;
    private boolean ended;

    SessionRun(Session session) {
        this.session = session;
    }

    /** Carries the script out, then ends the input and the time, and checks that the session has ended. */
    void carryOut(byte[] script) {
        Script steps = new Script(script);
        for (var step = steps.next(); step.isPresent() && !ended; step = steps.next()) {
            carryOut(step.get());
        }
        if (!ended && !waiting && !saying) {
            take(session.endOfInput());
        }
        if (!ended) {
            take(session.deadline());
        }
        assertThat(ended).as("has ended when the time was over").isTrue();
        assertThat(said.stream().filter(text -> text.startsWith("OK")).count())
                .as("says OK only when it was told so")
                .isLessThanOrEqualTo(allowed);
        assertThat(session.next()).isEqualTo(new Effect.End());
        assertThat(session.answered(new Reply.Closed(1))).isEqualTo(new Effect.End());
    }

    List<Request> asked() {
        return asked;
    }

    List<String> said() {
        return said;
    }

    private void carryOut(Step step) {
        boolean listening = !waiting && !saying;
        switch (step.event()) {
            // While a decision is waited for, input may be read all the same.
            case RECORD -> take(session.received(step.data()));
            case QUIET -> take(session.quiet());
            case END_OF_INPUT -> {
                if (listening) {
                    take(session.endOfInput());
                }
            }
            case DEADLINE -> take(session.deadline());
            case OK -> answer(new Reply.Closed(0));
            case KO -> answer(new Reply.Refused(Refusal.NOT_PERMITTED));
            case NOT_TRUSTED -> answer(new Reply.Refused(Refusal.NOT_TRUSTED));
            case NEXT -> {
                if (saying) {
                    saying = false;
                    take(session.next());
                }
            }
        }
    }

    private void answer(Reply reply) {
        if (waiting) {
            waiting = false;
            allowed += reply.ok() ? 1 : 0;
            take(session.answered(reply));
        }
    }

    private void take(Effect effect) {
        assertThat(ended).as("nothing is done after the end").isFalse();
        if (effect instanceof Effect.Ask ask) {
            assertThat(waiting || saying).as("asks for one thing at a time").isFalse();
            asked.add(ask.request());
            waiting = true;
        } else if (effect instanceof Effect.Say say) {
            assertThat(waiting || saying).as("says one thing at a time").isFalse();
            assertThat(say.text()).matches("[\\r\\n -~]+");
            said.add(say.text());
            saying = !say.last();
            ended = say.last();
        } else if (effect instanceof Effect.End) {
            ended = true;
        }
    }
}
