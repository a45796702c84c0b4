package io.openme.knocker;

import io.openme.protocol.IpLiteral;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what happens to leases. */
final class LeaseEvents implements LeaseListener {
    private final List<String> all = new CopyOnWriteArrayList<>();

    List<String> all() {
        return all;
    }

    @Override
    public void held(Held held) {
        all.add("held " + about(held) + " " + held.services() + " " + held.until());
    }

    @Override
    public void moved(Moved moved) {
        all.add("moved " + Lease.nameOf(moved.family()) + " " + IpLiteral.format(moved.from()) + " "
                + IpLiteral.format(moved.to()));
    }

    @Override
    public void refused(Missed missed) {
        all.add("refused " + about(missed));
    }

    @Override
    public void unreachable(Missed missed) {
        all.add("unreachable " + about(missed));
    }

    @Override
    public void lost(Lost lost) {
        all.add("lost " + about(lost.held()) + " because " + lost.why());
    }

    @Override
    public void released(Released released) {
        all.add("released " + released.held().map(LeaseEvents::about).orElse("?") + " "
                + released.result().status());
    }

    private static String about(Held held) {
        return Lease.nameOf(held.family()) + " "
                + held.address().map(IpLiteral::format).orElse("?");
    }

    private static String about(Missed missed) {
        return Lease.nameOf(missed.family()) + " " + missed.result().status() + " "
                + missed.result().detail();
    }
}
