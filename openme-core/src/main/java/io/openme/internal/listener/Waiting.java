package io.openme.internal.listener;

import io.openme.internal.net.Source;

/** What waits for its turn. */
interface Waiting<T> {
    boolean isEmpty();

    /** Adds what does not wait yet. */
    void add(Source from, T work);

    /** Removes what is next. There must be something. */
    T poll();

    /** Drops work that waits, if it does. */
    void remove(Source from, T work);

    void clear();
}
