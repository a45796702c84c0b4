package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TurnsProperties {
    /** Add, take, or remove, of the host of this number. */
    record Step(int what, int host) {}

    @Property
    void everythingThatWaitsIsTakenOnceAndThatOfAHostInItsOrder(@ForAll("steps") List<Step> steps) {
        Turns<String> turns = new Turns<>(Level.PROVIDER);
        Map<String, Integer> waiting = new LinkedHashMap<>();
        int number = 0;
        for (Step step : steps) {
            switch (step.what) {
                case 0, 1 -> {
                    String work = step.host + "." + number++;
                    waiting.put(work, step.host);
                    turns.add(host(step.host), work);
                }
                case 2 -> {
                    List<String> all = new ArrayList<>(waiting.keySet());
                    String work = all.isEmpty() ? "none" : all.get(step.host % all.size());
                    turns.remove(host(waiting.getOrDefault(work, 0)), work);
                    waiting.remove(work);
                }
                default -> take(turns, waiting);
            }
            assertThat(turns.isEmpty()).isEqualTo(waiting.isEmpty());
        }
        while (!waiting.isEmpty()) {
            take(turns, waiting);
        }
        assertThat(turns.isEmpty()).isTrue();
        assertThat(turns.known()).isZero();
    }

    private static void take(Turns<String> turns, Map<String, Integer> waiting) {
        if (turns.isEmpty()) {
            return;
        }
        String work = turns.poll();
        Integer host = waiting.get(work);
        assertThat(host).as(work).isNotNull();
        assertThat(waiting.entrySet().stream().filter(other -> other.getValue().equals(host)))
                .first()
                .extracting(Map.Entry::getKey)
                .isEqualTo(work);
        waiting.remove(work);
    }

    /** Hosts of one site, sites of one provider, and providers. */
    private static Source host(int number) {
        return switch (number % 3) {
            case 0 -> Crowds.hostOfASite(number);
            case 1 -> Crowds.siteOfAProvider(number);
            default -> Crowds.provider(number);
        };
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.integers()
                .between(0, 4)
                .flatMap(what -> Arbitraries.integers().between(0, 11).map(host -> new Step(what, host)))
                .list()
                .ofMaxSize(200);
    }
}
