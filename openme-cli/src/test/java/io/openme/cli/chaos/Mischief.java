package io.openme.cli.chaos;

import io.openme.spi.Opening;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** What others do to the firewall: to our part of it, and to their own. */
final class Mischief {
    private final Random random;
    private final Kernel kernel;
    private final Tally tally;
    private final Consumer<String> trouble;
    private final List<InetAddress> addresses;
    private final Set<Opening> taken = new HashSet<>();
    /** Somebody else's part, where it should be. */
    private Optional<String> strange = Optional.empty();

    Mischief(Random random, Kernel kernel, Tally tally, Consumer<String> trouble, List<InetAddress> addresses) {
        this.random = random;
        this.kernel = kernel;
        this.tally = tally;
        this.trouble = trouble;
        this.addresses = addresses;
    }

    /** The openings that were taken away since this was cleared. */
    Set<Opening> taken() {
        return taken;
    }

    /** What somebody else does. */
    void deed(Ledger ledger) {
        List<Map.Entry<String, Runnable>> deeds = List.copyOf(kernel.deeds().entrySet());
        int choice = random.nextInt(deeds.size() + 2);
        if (choice < deeds.size()) {
            tally.step(deeds.get(choice).getKey());
            trouble.accept(deeds.get(choice).getKey());
            deeds.get(choice).getValue().run();
            lookAgain();
        } else if (choice == deeds.size()) {
            Opening opening =
                    new Opening(pick(addresses), pick(ChaosDoorman.SERVICES).name());
            tally.step("delete opening");
            // Fails closed, and comes back with the next install or renewal: see Firewall.intact().
            kernel.delete(opening);
            taken.add(opening);
            ledger.doubt(opening);
        } else {
            tally.step("somebody else's rules");
            if (strange.isPresent()) {
                kernel.removeStrange();
                strange = Optional.empty();
            } else {
                kernel.addStrange();
                strange = kernel.strange();
            }
        }
    }

    void flush() {
        tally.step("flush ruleset");
        trouble.accept("flush ruleset");
        kernel.flush();
        lookAgain();
    }

    /** Somebody may have flushed what is not ours, too. */
    void lookAgain() {
        strange = strange.filter(was -> kernel.strange().isPresent());
    }

    void othersAreUntouched() {
        strange.ifPresent(was -> {
            Optional<String> now = kernel.strange();
            if (!now.equals(strange)) {
                tally.violation("somebody else's rules were touched: " + now.orElse("gone"));
            }
        });
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
