package io.openme.knocker;

import io.openme.knocker.KnockResult.Status;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What ends a knock before there is a reply; the message is the detail of its {@link KnockResult}. */
final class KnockFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final Status status;
    private final transient @Nullable InetSocketAddress server;

    KnockFailure(Status status, String detail, @Nullable InetSocketAddress server) {
        super(detail);
        this.status = status;
        this.server = server;
    }

    Status status() {
        return status;
    }

    @Nullable
    InetSocketAddress server() {
        return server;
    }
}
