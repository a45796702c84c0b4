package io.openme.internal.listener;

import io.openme.internal.listener.KnockListener.Handler;
import java.nio.channels.Selector;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * What all connections of a listener share.
 *
 * @param queue what waits for a worker
 * @param deadlines who has to be done by when
 * @param census who is connected
 * @param selector waits for input
 * @param engines makes an engine for each handshake
 * @param handler decides
 */
record Shared(
        FairQueue<Connection> queue,
        Deadlines<Connection> deadlines,
        Census<Connection> census,
        Selector selector,
        Supplier<SSLEngine> engines,
        Handler handler) {}
