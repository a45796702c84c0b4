package io.openme.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("openme.Reload")
@Label("Reload")
@Description("Certificates, revocation lists and policy were read anew, and are in force or were refused")
@Category("openme")
@StackTrace(false)
final class ReloadEvent extends Event {
    @Label("Worked")
    boolean worked;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
}
