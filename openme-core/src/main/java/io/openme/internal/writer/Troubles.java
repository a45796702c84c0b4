package io.openme.internal.writer;

import io.openme.internal.time.Quota;
import io.openme.spi.FirewallException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of a firewall that fails in one way, up to a limit: who knocks in a loop at one that refuses him fills no disk. */
final class Troubles {
    static final int MOST = 10;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(FirewallWriter.class);

    private final String what;
    private final Quota quota = new Quota(MOST, WINDOW);

    Troubles(String what) {
        this.what = what;
    }

    /** Whether it was said, and before it how often it was not; otherwise it is counted. */
    boolean warn(FirewallException cause, Instant now) {
        quota.take(now)
                .ifPresent(
                        more -> LOG.warn("{}: {} more time(s) since {}, at DEBUG", what, more.count(), more.since()));
        boolean said = quota.admit(now);
        if (said) {
            LOG.warn("{}: {}", what, cause.getMessage());
        } else {
            LOG.debug("{}: {}", what, cause.getMessage());
        }
        return said;
    }
}
