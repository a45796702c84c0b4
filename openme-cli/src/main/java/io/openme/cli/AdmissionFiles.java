package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Configuration.IdentityFiles;
import io.openme.doorman.Admission;
import io.openme.tls.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a configuration file and the files that it names say of who gets in, read anew as often as it is asked for. What else
 * has changed in the configuration counts from the next start on. Used by one thread at a time.
 */
final class AdmissionFiles implements Admission.Source {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionFiles.class);

    private final Path file;
    private final Supplier<Configuration> reader;
    private final Configuration first;
    private final Identities identities;
    private volatile Configuration current;
    private @Nullable Known known;

    /** An identity, and what its files held: a passphrase that a person typed is not asked for again. */
    private record Known(IdentityFiles files, List<ByteBuffer> contents, Identity identity) {}

    /**
     * Beginning with what was read at the start.
     *
     * @param file the configuration
     * @param reader reads it anew
     * @param first what it said
     * @param identity what that led to
     */
    AdmissionFiles(Path file, Supplier<Configuration> reader, Configuration first, Identity identity) {
        this.file = file;
        this.reader = reader;
        this.first = first;
        this.current = first;
        this.identities = new Identities(new NoTerminal());
        contents(first.identity()).ifPresent(held -> known = new Known(first.identity(), held, identity));
    }

    @Override
    public Admission read() {
        Configuration now = reader.get();
        requireNoLess(now);
        current = now;
        Admission admission = new Admission(identity(now.identity()), Doormen.trust(now), now.accessPolicy());
        if (!now.equals(first.withAdmissionOf(now))) {
            LOG.warn(
                    "{} says something new of more than policy, identity, clients and lifetimes; the rest of it counts"
                            + " from the next start on",
                    file);
        }
        return admission;
    }

    @Override
    public List<Path> files() {
        Configuration now = current;
        List<Path> files = new ArrayList<>(
                List.of(file, now.identity().certificate(), now.identity().key()));
        now.identity().passphrase().ifPresent(files::add);
        files.add(now.clients().ca());
        now.clients().crl().ifPresent(files::add);
        return files;
    }

    /** A file that was cut off on its way is good YAML, and would let everybody in. */
    private void requireNoLess(Configuration now) {
        if (current.policy().isPresent() && now.policy().isEmpty()) {
            throw new UsageException(
                    file + " has no policy any more, which would let every client open everything; if that"
                            + " is meant, restart the doorman");
        }
        if (current.clients().crl().isPresent() && now.clients().crl().isEmpty()) {
            throw new UsageException(
                    file + " has no clients.crl any more, which would let everybody in who is revoked; if"
                            + " that is meant, restart the doorman");
        }
    }

    private Identity identity(IdentityFiles files) {
        Optional<List<ByteBuffer>> held = contents(files);
        Known before = known;
        if (before != null && held.isPresent() && before.equals(new Known(files, held.get(), before.identity))) {
            return before.identity;
        }
        Identity identity = Doormen.identity(files, identities);
        known = held.map(contents -> new Known(files, contents, identity)).orElse(null);
        return identity;
    }

    private static Optional<List<ByteBuffer>> contents(IdentityFiles files) {
        try {
            return Optional.of(List.of(
                    ByteBuffer.wrap(Files.readAllBytes(files.certificate())),
                    ByteBuffer.wrap(Files.readAllBytes(files.key()))));
        } catch (IOException e) {
            // Whoever reads them for what is in them says what is wrong.
            return Optional.empty();
        }
    }

    /** Nobody looks at a daemon's terminal for the question of a reload. */
    private static final class NoTerminal implements Terminal {
        @Override
        public boolean isThere() {
            return false;
        }

        @Override
        public Optional<char[]> askSecret(String prompt) {
            return Optional.empty();
        }

        @Override
        public Optional<String> ask(String prompt) {
            return Optional.empty();
        }
    }
}
