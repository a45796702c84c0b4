package io.openme.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("openme.FirewallCommit")
@Label("Firewall Commit")
@Description("The firewall has done, or failed to do, one transaction")
@Category("openme")
@StackTrace(false)
final class FirewallCommitEvent extends Event {
    @Label("Changes")
    @Description("Openings and closings in it; all openings, if everything was installed anew")
    int changes;

    @Label("Worked")
    boolean worked;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
}
