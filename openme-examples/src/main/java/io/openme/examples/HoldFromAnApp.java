package io.openme.examples;

import io.openme.knocker.HoldOptions;
import io.openme.knocker.Knocker;
import io.openme.knocker.Lease;
import io.openme.knocker.LeaseListener;
import java.time.Duration;
import java.util.concurrent.Callable;

/** An app that keeps a door open for as long as it needs it, wherever its host goes meanwhile. */
public final class HoldFromAnApp {
    private HoldFromAnApp() {}

    /** Does this while the door is open; false if it did not open in time. */
    public static boolean whileOpen(Knocker knocker, Callable<?> work) throws Exception {
        HoldOptions options = HoldOptions.defaults()
                .withLifetime(Duration.ofMinutes(10))
                .withListener(new LeaseListener() {
                    @Override
                    public void moved(Moved moved) {
                        System.out.println("moved from " + moved.from() + " to " + moved.to());
                    }

                    @Override
                    public void lost(Lost lost) {
                        System.out.println("lost: " + lost.why());
                    }
                });
        try (Lease lease = knocker.hold(options)) {
            if (!lease.await(Duration.ofSeconds(10))) {
                return false;
            }
            work.call();
        }
        return true;
    }
}
