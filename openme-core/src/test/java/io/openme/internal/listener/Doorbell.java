package io.openme.internal.listener;

import io.openme.doorman.Client;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers every knock as it is told, and remembers what it was asked. */
final class Doorbell implements KnockListener.Handler {
    static final Reply OK = new Reply.Closed(0);
    static final Reply KO = new Reply.Refused(Refusal.NOT_PERMITTED);

    final List<String> knocks = new CopyOnWriteArrayList<>();
    final List<List<X509Certificate>> chains = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    volatile CompletionStage<Reply> decision = CompletableFuture.completedFuture(OK);

    @Override
    public long epoch() {
        return 0;
    }

    @Override
    public void connected(Client client, InetAddress peer, Duration took) {}

    @Override
    public CompletionStage<Reply> ask(Client client, InetAddress peer, Request request, long epoch) {
        chains.add(client.chain());
        knocks.add(client.name() + " " + peer.getHostAddress() + " " + request.line());
        return decision;
    }

    @Override
    public void refused(InetAddress peer, String reason, Duration took) {
        refusals.add(peer.getHostAddress() + " " + reason);
    }
}
