package io.openme.doorman;

import io.openme.internal.time.Quota;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/** Logs what clients do at INFO, each up to a limit: one that knocks in a loop neither fills the disk nor hides the others. */
final class Volume {
    static final int MOST = 60;
    static final Duration WINDOW = Duration.ofMinutes(1);
    /** Who is quiet for long is forgotten first; what was not said of him stays unsaid. */
    private static final int MOST_CLIENTS = 1024;

    private final Logger log;
    private final Clock clock;
    private final Map<Client, Quota> quotas = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Client, Quota> eldest) {
            return size() > MOST_CLIENTS;
        }
    };

    Volume(Logger log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Logs this of a client, and before it how much was not logged. */
    synchronized void log(Client client, String format, Object... arguments) {
        Instant now = clock.instant();
        Quota quota = quotas.computeIfAbsent(client, c -> new Quota(MOST, WINDOW));
        quota.take(now)
                .ifPresent(more ->
                        log.info("{} more line(s) of {} since {} are at DEBUG", more.count(), client, more.since()));
        if (quota.admit(now)) {
            log.info(format, arguments);
        } else {
            log.debug(format, arguments);
        }
    }
}
