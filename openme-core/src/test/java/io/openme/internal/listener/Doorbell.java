package io.openme.internal.listener;

import io.openme.doorman.Client;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers every knock as it is told, and remembers what it was asked. */
final class Doorbell implements KnockListener.Handler {
    final List<String> knocks = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    volatile CompletionStage<Answer> decision = CompletableFuture.completedFuture(Answer.OK);

    @Override
    public CompletionStage<Answer> knock(Client client, InetAddress peer, Command command) {
        knocks.add(client.name() + " " + peer.getHostAddress() + " " + command);
        return decision;
    }

    @Override
    public void refused(InetAddress peer, String reason) {
        refusals.add(peer.getHostAddress() + " " + reason);
    }
}
