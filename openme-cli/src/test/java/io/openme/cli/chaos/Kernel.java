package io.openme.cli.chaos;

import io.openme.spi.Opening;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What the kernel admits, by its own words rather than the code's under test; and what others do to it. */
interface Kernel {
    /**
     * Our part.
     *
     * @param before when the reading began
     * @param after when it had ended
     * @param openings what is admitted, and how many nanoseconds are left of each
     * @param guard all of it but the openings
     */
    record Snapshot(long before, long after, Map<Opening, Long> openings, String guard) {}

    /** The backend's name. */
    String backend();

    /** Its options beside the command and the timeout. */
    Map<String, String> options();

    /** In which it counts lifetimes. */
    Duration unit();

    /** What {@link FaultyTool} is to say and do for its tool. */
    Map<String, String> words();

    Snapshot read();

    /** Takes everything away, ours and others'. */
    void flush();

    /** What somebody may do to our guard, by a name. */
    Map<String, Runnable> deeds();

    /** Takes one opening away; nothing happens if it is not there. */
    void delete(Opening opening);

    /** Adds something of somebody else's. */
    void addStrange();

    /** Removes it. */
    void removeStrange();

    /** It, as it is now; empty if it is not there. */
    Optional<String> strange();
}
