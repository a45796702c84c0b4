package io.openme.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("openme.Command")
@Label("Command")
@Description("A client's command was answered")
@Category("openme")
@StackTrace(false)
final class CommandEvent extends Event {
    @Label("Command")
    String command = "";

    @Label("Outcome")
    @Description("ok, or why it was refused")
    String outcome = "";

    @Label("Took")
    @Description("From the command to the answer, the firewall included")
    @Timespan(Timespan.NANOSECONDS)
    long took;
}
