package io.openme.cli.split;

import io.openme.cli.split.Lines.Deadline;
import io.openme.cli.split.Request.Apply;
import io.openme.cli.split.Request.CloseAll;
import io.openme.cli.split.Request.Hello;
import io.openme.cli.split.Request.Install;
import io.openme.cli.split.Request.Intact;
import io.openme.cli.split.Request.Openings;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The firewall of a doorman without privileges: asks a {@link FirewallHelper}. A helper that ended and was started anew is
 * connected to again; meanwhile nothing is opened.
 */
public final class HelperFirewall implements Firewall {
    private static final Logger LOG = LoggerFactory.getLogger(HelperFirewall.class);
    /** Less than a doorman waits for its firewall, and more than the commands of a backend take. */
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(45);

    private static final Duration WRITING = Duration.ofSeconds(10);

    private final HelperConnector connector;
    private final Set<String> services;
    private @Nullable Lines connection;
    private Set<Capability> capabilities = Set.of();
    private OptionalInt room = OptionalInt.empty();
    /** Whether the helper at the other end of this connection has installed what we want. */
    private boolean installed;

    /**
     * A firewall that is not connected yet; its first call connects, and waits for a helper that is only being started.
     *
     * @param socket where the helper listens
     * @param services the names of those to guard, which have to be the helper's
     */
    public HelperFirewall(Path socket, Set<String> services) {
        this.connector = new HelperConnector(socket);
        this.services = Set.copyOf(services);
    }

    @Override
    public synchronized Set<Capability> capabilities() {
        if (capabilities.isEmpty()) {
            connected();
        }
        return capabilities;
    }

    @Override
    public synchronized OptionalInt room() {
        if (capabilities.isEmpty()) {
            connected();
        }
        return room;
    }

    /** Nothing: which ports are the doorman's, the helper knows from its own configuration. */
    @Override
    public void limitDoor(SortedSet<Integer> ports, DoorLimit limit) {}

    @Override
    public synchronized void install(List<Change.Open> openings) {
        check(openings);
        ask(new Install(openings));
        installed = true;
    }

    @Override
    public synchronized void apply(List<? extends Change> changes) {
        check(changes);
        connected();
        if (!installed) {
            throw new FirewallException(Reason.STATE_LOST, "the firewall helper was started anew");
        }
        ask(new Apply(changes));
    }

    @Override
    public synchronized Set<Opening> openings() {
        Set<Opening> openings = new HashSet<>();
        for (String line : ask(new Openings())) {
            String[] words = line.split(" ", 2);
            try {
                openings.add(RequestText.opening(words[0], words.length == 2 ? words[1] : ""));
            } catch (ProtocolException e) {
                throw lost(e);
            }
        }
        return openings;
    }

    @Override
    public synchronized boolean intact() {
        connected();
        return installed && ask(new Intact()).equals(List.of("yes"));
    }

    /** What the helper would be asked. */
    @Override
    public String preview(List<Change.Open> openings) {
        return RequestText.of(new Install(openings));
    }

    /** Never: the guard is not this process's to remove. */
    @Override
    public void uninstall() {
        throw new FirewallException(
                Reason.NOT_PERMITTED,
                "the guard is the firewall helper's, which removes it for nobody; as root: openme uninstall");
    }

    /** Closes every opening; the guard stays, and goes with the helper if that is configured. */
    @Override
    public synchronized void close() {
        try {
            if (installed) {
                ask(new CloseAll());
            }
        } finally {
            disconnect();
        }
    }

    private void check(List<? extends Change> changes) {
        for (Change change : changes) {
            if (!services.contains(change.opening().service())) {
                throw new IllegalArgumentException("\"" + change.opening().service() + "\" is no guarded service");
            }
        }
        if (changes.size() > Request.MOST_CHANGES) {
            throw new FirewallException(
                    Reason.REJECTED,
                    changes.size() + " changes at once are more than the firewall helper takes, "
                            + Request.MOST_CHANGES);
        }
    }

    private List<String> ask(Request request) {
        Lines lines = connected();
        Answer answer;
        try {
            lines.write(RequestText.of(request), Deadline.in(WRITING));
            answer = Answer.read(lines, Deadline.in(LONGEST_ANSWER));
        } catch (IOException e) {
            throw lost(e);
        }
        if (answer instanceof Answer.Failed failed) {
            throw failed.exception();
        }
        return ((Answer.Done) answer).lines();
    }

    /** What was asked may have been done. */
    private FirewallException lost(IOException cause) {
        disconnect();
        return new FirewallException(
                Reason.FAILED, "the firewall helper at " + connector.socket() + " was lost: " + cause, cause);
    }

    private Lines connected() {
        Lines lines = connection;
        if (lines != null && !lines.isOver()) {
            return lines;
        }
        disconnect();
        lines = connector.connect();
        connection = lines;
        try {
            greet();
        } catch (RuntimeException e) {
            disconnect();
            throw e;
        }
        return lines;
    }

    private void greet() {
        Set<Capability> can = new HashSet<>();
        Set<String> guarded = new TreeSet<>();
        OptionalInt has = OptionalInt.empty();
        for (String line : ask(new Hello(Request.VERSION))) {
            if (line.startsWith("guards ")) {
                guarded.add(line.substring("guards ".length()));
            }
            if (line.startsWith("room ")) {
                has = OptionalInt.of(number(line.substring("room ".length())));
            }
            for (Capability capability : Capability.values()) {
                if (line.equals("can " + FirewallHost.word(capability))) {
                    can.add(capability);
                }
            }
        }
        if (!guarded.equals(services)) {
            throw new FirewallException(
                    Reason.MISCONFIGURED,
                    "the firewall helper at " + connector.socket() + " guards " + String.join(", ", guarded)
                            + ", and this configuration says " + String.join(", ", new TreeSet<>(services))
                            + "; restart the helper and then the doorman, with the same configuration");
        }
        capabilities = Set.copyOf(can);
        room = has;
    }

    private int number(String text) {
        try {
            return (int) RequestText.number(text, Integer.MAX_VALUE);
        } catch (ProtocolException e) {
            throw lost(e);
        }
    }

    private void disconnect() {
        installed = false;
        Lines lines = connection;
        connection = null;
        if (lines != null) {
            try {
                lines.close();
            } catch (IOException e) {
                LOG.debug("The connection to the firewall helper did not close", e);
            }
        }
    }
}
