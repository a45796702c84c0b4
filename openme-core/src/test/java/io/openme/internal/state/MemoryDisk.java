package io.openme.internal.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A directory on a disk that fills up, breaks, or loses its host at any byte. It holds what the system was told, and knows
 * what of it would outlive a loss of power.
 */
final class MemoryDisk extends StateDirectory {
    private static final Path PATH = Path.of("disk");

    private final Map<Path, Inode> names;
    private final Map<Path, Inode> durableNames;
    /** By how many bytes files can still grow. */
    int room = Integer.MAX_VALUE;
    /** How many more bytes are written, files cut or renamed until the process is killed. */
    int untilKilled = Integer.MAX_VALUE;
    /** Whether nothing can be written, not even over what is there; files can still be cut. */
    boolean broken;

    /** The process is dead. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private interface Step {
        byte[] on(byte[] content);

        static Step write(int at, byte[] bytes) {
            return content -> {
                byte[] longer = Arrays.copyOf(content, Math.max(content.length, at + bytes.length));
                System.arraycopy(bytes, 0, longer, at, bytes.length);
                return longer;
            };
        }

        static Step cut(int size) {
            return content -> Arrays.copyOf(content, Math.min(size, content.length));
        }
    }

    private static final class Inode {
        private byte[] content = {};
        private byte[] durable = {};
        private final List<Step> unforced = new ArrayList<>();

        void take(Step step) {
            content = step.on(content);
            unforced.add(step);
        }
    }

    MemoryDisk() {
        this(new HashMap<>(), new HashMap<>());
    }

    private MemoryDisk(Map<Path, Inode> names, Map<Path, Inode> durableNames) {
        super(PATH);
        this.names = names;
        this.durableNames = durableNames;
    }

    /** What the next process finds. */
    MemoryDisk afterKill() {
        Map<Path, Inode> copy = new HashMap<>();
        names.forEach((name, inode) -> copy.put(name, copy(inode.content)));
        return new MemoryDisk(copy, new HashMap<>());
    }

    /** What the next start of the host finds: what was forced, and any part of the rest. */
    MemoryDisk afterPowerLoss(Random random) {
        Map<Path, Inode> copy = new HashMap<>();
        Map<Path, Inode> found = random.nextBoolean() ? durableNames : names;
        found.forEach((name, inode) -> {
            byte[] content = inode.durable;
            for (Step step : inode.unforced) {
                if (random.nextBoolean()) {
                    content = step.on(content);
                }
            }
            copy.put(name, copy(content));
        });
        return new MemoryDisk(copy, new HashMap<>());
    }

    private static Inode copy(byte[] content) {
        Inode inode = new Inode();
        inode.content = content.clone();
        inode.durable = inode.content;
        return inode;
    }

    @Override
    void make() {}

    @Override
    FileChannel lock(Path file) {
        return new Channel(new Inode());
    }

    @Override
    FileChannel open(Path file) {
        return new Channel(names.computeIfAbsent(file, f -> new Inode()));
    }

    @Override
    void replace(Path fresh, Path old) {
        live(1);
        names.put(old, names.remove(fresh));
    }

    @Override
    void delete(Path file) {
        names.remove(file);
    }

    @Override
    void force() {
        live(1);
        durableNames.clear();
        durableNames.putAll(names);
    }

    /** How much of this happens before the process is killed. */
    private int live(int steps) {
        int done = Math.min(steps, untilKilled);
        untilKilled -= done;
        if (done == 0 && steps > 0) {
            throw new Killed();
        }
        return done;
    }

    private final class Channel extends FileChannel {
        private final Inode inode;

        Channel(Inode inode) {
            this.inode = inode;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            if (broken) {
                throw new IOException("Input/output error");
            }
            int growth = Math.max(0, (int) position + source.remaining() - inode.content.length);
            int missing = Math.max(0, growth - room);
            int length = source.remaining() - missing;
            if (length == 0 && missing > 0) {
                throw new IOException("No space left on device");
            }
            byte[] bytes = new byte[live(length)];
            source.get(bytes);
            room -= Math.max(0, (int) position + bytes.length - inode.content.length);
            inode.take(Step.write((int) position, bytes));
            return bytes.length;
        }

        @Override
        public FileChannel truncate(long size) {
            if (size < inode.content.length) {
                live(1);
                inode.take(Step.cut((int) size));
            }
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            live(1);
            if (broken) {
                throw new IOException("Input/output error");
            }
            inode.durable = inode.content;
            inode.unforced.clear();
        }

        @Override
        public int read(ByteBuffer destination, long position) {
            int length = Math.min(destination.remaining(), inode.content.length - (int) position);
            if (length <= 0) {
                return -1;
            }
            destination.put(inode.content, (int) position, length);
            return length;
        }

        @Override
        public long size() {
            return inode.content.length;
        }

        @Override
        protected void implCloseChannel() {}

        @Override
        public int read(ByteBuffer destination) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] destinations, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
