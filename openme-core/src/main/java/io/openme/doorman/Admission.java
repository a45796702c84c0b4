package io.openme.doorman;

import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What decides who gets in: all that a running doorman can {@linkplain Doorman#reload() take anew}.
 *
 * @param identity the doorman's own key and certificate
 * @param trust whose clients may knock
 * @param policy who may open what
 */
public record Admission(Identity identity, Trust trust, AccessPolicy policy) {
    /**
     * Where a doorman takes it from, now and whenever it reloads. Called by the builder, then by the thread
     * {@code openme-reload} and by whoever calls {@link Doorman#reload()}, one at a time.
     */
    public interface Source {
        /** Reads all of it anew. What this throws leaves everything as it is. May block for files. */
        Admission read();

        /** What {@link #read} read last, or tried to: when one of these files changes, the doorman reloads. */
        List<Path> files();

        /** One that reads by this, and has the same files for ever. */
        static Source of(Supplier<Admission> read, Collection<Path> files) {
            List<Path> fixed = List.copyOf(files);
            return new Source() {
                @Override
                public Admission read() {
                    return read.get();
                }

                @Override
                public List<Path> files() {
                    return fixed;
                }
            };
        }
    }

    /** Refuses null. */
    public Admission {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(trust, "trust");
        Objects.requireNonNull(policy, "policy");
    }
}
