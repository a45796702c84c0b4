package io.openme.pki;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A directory that others may have filled. Of what is in it only files are read, each within a bound, and none to which a link
 * leads that is elsewhere: a copy of it would be taken for a key or a certificate.
 *
 * @param root without links
 */
record Enclosed(Path root) {
    static Enclosed in(Path directory) throws IOException {
        return new Enclosed(directory.toRealPath());
    }

    /**
     * A file as it is.
     *
     * @throws CaException if it is larger, elsewhere, or no file
     */
    byte[] read(Path file, int largest) throws IOException {
        try (InputStream in = Files.newInputStream(require(file), LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(largest + 1);
            if (content.length > largest) {
                throw new CaException(file + " is larger than anything that easy-rsa keeps there; move it away");
            }
            return content;
        }
    }

    /**
     * Where a file really is.
     *
     * @throws CaException if that is elsewhere, or it is no file
     */
    Path require(Path file) throws IOException {
        Path real = file.toRealPath();
        if (!real.startsWith(root)) {
            throw new CaException(file + " is a link to " + real + ", which is not in " + root
                    + "; put the file itself there, or move the link away");
        }
        if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
            throw new CaException(file + " is no file; move it away");
        }
        return real;
    }
}
