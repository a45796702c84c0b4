package io.openme.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("openme.Handshake")
@Label("Handshake")
@Description("A TLS handshake is over")
@Category("openme")
@StackTrace(false)
final class HandshakeEvent extends Event {
    @Label("Accepted")
    boolean accepted;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
}
