package io.openme.doorman;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Tells when files have changed. It looks at them rather than be told: notifications are lost on network file systems, and
 * across the renames and symbolic links by which files are swapped in. Used by one thread.
 */
final class FileWatch {
    /** How often contents are read although size and dates say that nothing changed; dates can be set. */
    private static final int READ_EVERY = 40;

    private final Supplier<List<Path>> files;
    private List<String> stats = List.of();
    private List<String> contents = List.of();
    private List<String> taken = List.of();
    private int looks;

    /** @param files which ones; they may become others */
    FileWatch(Supplier<List<Path>> files) {
        this.files = files;
    }

    /** Whether there is nothing to look at. */
    boolean isEmpty() {
        return files.get().isEmpty();
    }

    /** Takes what is there now as known. */
    void take() {
        look();
        taken = contents;
    }

    /**
     * Whether something else is there than was taken last, and it was the same at the last look: a file that is being written
     * is left alone until it is done.
     */
    boolean changed() {
        List<String> before = contents;
        look();
        return contents.equals(before) && !contents.equals(taken);
    }

    private void look() {
        List<Path> all = files.get();
        List<String> now = all.stream().map(FileWatch::stat).toList();
        if (!now.equals(stats) || looks++ % READ_EVERY == 0) {
            List<String> digests = new ArrayList<>();
            all.forEach(file -> digests.add(digest(file)));
            contents = digests;
        }
        stats = now;
    }

    private static String stat(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " "
                    + Objects.toString(attributes.fileKey());
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String digest(Path file) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (IOException e) {
            return e.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
