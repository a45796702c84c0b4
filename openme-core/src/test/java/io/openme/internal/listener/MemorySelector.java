package io.openme.internal.listener;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A selector of {@link MemorySocket}s. Whoever waits for it has the next thing happen instead, on the same thread, and is
 * told that the selector was closed once nothing happens any more.
 */
final class MemorySelector extends AbstractSelector {
    private final BooleanSupplier happening;

    MemorySelector(BooleanSupplier happening) {
        super(SelectorProvider.provider());
        this.happening = happening;
    }

    @Override
    public int select(Consumer<SelectionKey> action, long timeout) {
        if (!happening.getAsBoolean()) {
            throw new ClosedSelectorException();
        }
        return 0;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        Key key = new Key(channel);
        key.attach(attachment);
        key.interestOps(operations);
        return key;
    }

    @Override
    public Selector wakeup() {
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    public Set<SelectionKey> keys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }

    private final class Key extends AbstractSelectionKey {
        private final SelectableChannel channel;
        private int operations;

        Key(SelectableChannel channel) {
            this.channel = channel;
        }

        @Override
        public SelectableChannel channel() {
            return channel;
        }

        @Override
        public Selector selector() {
            return MemorySelector.this;
        }

        @Override
        public int interestOps() {
            return operations;
        }

        @Override
        public SelectionKey interestOps(int wanted) {
            operations = wanted;
            return this;
        }

        @Override
        public int readyOps() {
            return operations;
        }
    }
}
