package io.openme.internal.state;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;

/** Keeps a file to one doorman, of this process or another. */
public final class ExclusiveLock {
    private ExclusiveLock() {}

    /**
     * Locks the file of this channel until that is closed. A channel whose file can't be locked is closed.
     *
     * @param taken what to say if another doorman has it
     * @throws OpenmeException if another doorman has it
     */
    public static FileChannel take(FileChannel channel, String taken) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Another doorman of this process; the same as one of another process.
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new OpenmeException(taken);
    }
}
