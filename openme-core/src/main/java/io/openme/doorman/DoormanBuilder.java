package io.openme.doorman;

import io.openme.firewall.Firewalls;
import io.openme.internal.jfr.JfrMetrics;
import io.openme.internal.time.SteadyClock;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what a doorman needs. Not safe for use by several threads. */
public final class DoormanBuilder {
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private final List<DoormanListener> listeners = new ArrayList<>();
    // A recording that nobody has started costs next to nothing.
    private final List<DoormanMetrics> metrics = new ArrayList<>(List.of(new JfrMetrics()));
    private Admission.@Nullable Source source;
    private @Nullable Identity identity;
    private @Nullable Trust trust;
    private @Nullable Firewall instance;
    private @Nullable String backend;
    private Map<String, String> options = Map.of();
    private @Nullable DoorLimit listenLimit = Doorman.DEFAULT_LISTEN_LIMIT;
    private String owner = FirewallContext.DEFAULT_OWNER;
    private OnClose onClose = OnClose.KEEP_GUARD;
    private AccessPolicy policy = AccessPolicy.everyService(Doorman.DEFAULT_LIFETIME);
    private OptionalInt grantsPerClient = OptionalInt.empty();
    private AccessPolicy.@Nullable Rate ratePerClient = Doorman.DEFAULT_RATE;
    private boolean tls12;
    private Duration watchInterval = Duration.ofMillis(500);
    private Duration patience = Duration.ofMinutes(2);
    private @Nullable Path stateDirectory;
    private @Nullable Clock clock;

    DoormanBuilder() {}

    /** The doorman's own key and certificate. Required. */
    public DoormanBuilder identity(Identity ours) {
        identity = Objects.requireNonNull(ours);
        return this;
    }

    /** Whose clients may knock. Required. */
    public DoormanBuilder trust(Trust whom) {
        trust = Objects.requireNonNull(whom);
        return this;
    }

    /**
     * Listens on this address, in addition to others. Port 0 takes a free port. Default: port {@value Doorman#DEFAULT_PORT} of
     * every address of the host, IPv4 and IPv6.
     */
    public DoormanBuilder listen(InetSocketAddress address) {
        addresses.add(Objects.requireNonNull(address));
        return this;
    }

    /** Listens on this port of every address of the host, IPv4 and IPv6. Port 0 takes a free port. */
    public DoormanBuilder listen(int port) {
        return listen(new InetSocketAddress(port));
    }

    /**
     * Has the firewall drop new connections to the addresses listened on, but for loopback, of each source that makes more
     * than this, before this process hears of them. Needs a firewall with {@link io.openme.spi.Capability#DOOR_LIMIT}; with
     * any other there is no such limit, which is logged once. Default: {@link Doorman#DEFAULT_LISTEN_LIMIT}.
     */
    public DoormanBuilder listenLimit(DoorLimit limit) {
        listenLimit = Objects.requireNonNull(limit);
        return this;
    }

    /**
     * Lets the firewall pass all new connections to this doorman. For one that all its clients reach by the same address, such
     * as that of a proxy. What each connection may cost is bounded all the same.
     */
    public DoormanBuilder noListenLimit() {
        listenLimit = null;
        return this;
    }

    /**
     * Guards this service, in addition to others. At least one is required.
     *
     * @param ports such as {@code 22/tcp} or {@code 60000-61000/udp}
     * @throws IllegalArgumentException if the name or a port has another form
     */
    public DoormanBuilder service(String name, String... ports) {
        return service(Service.of(name, ports));
    }

    /** Guards this service, in addition to others. At least one is required. */
    public DoormanBuilder service(Service service) {
        services.add(Objects.requireNonNull(service));
        return this;
    }

    /**
     * Uses this firewall, which is the doorman's from {@link Doorman#start()} on: it installs and closes it. Default:
     * the best that is usable on this host among the backends on the class path.
     */
    public DoormanBuilder firewall(Firewall firewall) {
        instance = Objects.requireNonNull(firewall);
        backend = null;
        return this;
    }

    /** Uses the backend of this name, with its defaults. */
    public DoormanBuilder firewall(String name) {
        return firewall(name, Map.of());
    }

    /** Uses the backend of this name, with these options. */
    public DoormanBuilder firewall(String name, Map<String, String> backendOptions) {
        backend = Objects.requireNonNull(name);
        options = Map.copyOf(backendOptions);
        instance = null;
        return this;
    }

    /**
     * Tells this doorman's rules from those of another on the same host. Default:
     * {@value FirewallContext#DEFAULT_OWNER}. See {@link FirewallContext#owner()}.
     */
    public DoormanBuilder owner(String tag) {
        owner = Objects.requireNonNull(tag);
        return this;
    }

    /** What closing leaves on the host. Default: {@link OnClose#KEEP_GUARD}. */
    public DoormanBuilder onClose(OnClose what) {
        onClose = Objects.requireNonNull(what);
        return this;
    }

    /** Who may open what. Default: every client every service, for {@link Doorman#DEFAULT_LIFETIME}. */
    public DoormanBuilder policy(AccessPolicy who) {
        policy = Objects.requireNonNull(who);
        return this;
    }

    /**
     * Every client may open every service for this long. Replaces the policy.
     *
     * @param lifetime 1 second to 365 days
     */
    public DoormanBuilder lifetime(Duration lifetime) {
        return policy(AccessPolicy.everyService(lifetime));
    }

    /**
     * How many grants, each one address and one service, one client may hold at once: it bounds what a client can make
     * the host remember. At least 1; default 256, or a sixteenth of what the {@linkplain Firewall#room firewall has room} for
     * if that is less, but four addresses for each service as far as 256 go.
     */
    public DoormanBuilder grantsPerClient(int most) {
        grantsPerClient = OptionalInt.of(most);
        return this;
    }

    /**
     * How often each client may open or renew where the policy does not say: see {@link AccessPolicy.Limits}. It bounds what a
     * client can make the firewall do and the logs hold. Default: {@link Doorman#DEFAULT_RATE}.
     */
    public DoormanBuilder ratePerClient(AccessPolicy.Rate rate) {
        ratePerClient = Objects.requireNonNull(rate);
        return this;
    }

    /** Lets each client open and renew as often as it likes where the policy does not say otherwise. */
    public DoormanBuilder noRatePerClient() {
        ratePerClient = null;
        return this;
    }

    /**
     * Remembers grants in this directory, so that a restart - even after {@code kill -9} - keeps each for its remaining
     * time. It is made if it is not there, for this user only; one doorman uses it at a time. One to which others may
     * write is refused when the doorman starts: who can write there can let himself in. Default: none, and a restart
     * closes everything.
     */
    public DoormanBuilder stateDirectory(Path directory) {
        stateDirectory = Objects.requireNonNull(directory);
        return this;
    }

    /**
     * How often to look whether somebody else has changed this doorman's part of the firewall, which is then put back:
     * what was flushed is closed again within this time and a little. More than zero; default 500 ms.
     */
    public DoormanBuilder watchInterval(Duration interval) {
        watchInterval = positive("watch interval", interval);
        return this;
    }

    /**
     * How long one of the doorman's threads may be busy with one thing, such as a firewall that does not answer, before the
     * doorman has {@linkplain DoormanListener#failed failed}. Time in which the whole process stands still does not count.
     * More than zero; default 2 minutes, which is longer than the firewalls here take to give up a command that hangs.
     */
    public DoormanBuilder patience(Duration longest) {
        patience = positive("patience", longest);
        return this;
    }

    private static Duration positive(String what, Duration time) {
        if (time.isZero() || time.isNegative()) {
            throw new IllegalArgumentException(what + " " + time + " is no time; use more than zero");
        }
        return time;
    }

    /**
     * Whether peers may use TLS 1.2, too, as programs on old systems need. Default: no, TLS 1.3 only.
     */
    public DoormanBuilder allowTls12(boolean allowed) {
        tls12 = allowed;
        return this;
    }

    /**
     * Takes identity, trust and policy from this source: now, when one of its files has changed - they are looked at four
     * times a second - and when {@link Doorman#reload()} is called. Replaces what {@link #identity}, {@link #trust} and
     * {@link #policy} say. Default: these three, for ever.
     */
    public DoormanBuilder admission(Admission.Source from) {
        source = Objects.requireNonNull(from);
        return this;
    }

    /** Counts and times for this, in addition to others. */
    public DoormanBuilder metrics(DoormanMetrics each) {
        metrics.add(Objects.requireNonNull(each));
        return this;
    }

    /** Tells this listener what happens, in addition to others. */
    public DoormanBuilder listener(DoormanListener listener) {
        listeners.add(Objects.requireNonNull(listener));
        return this;
    }

    /**
     * Takes dates and lifetimes from this clock. Default: dates of certificates from the system's clock, lifetimes from
     * one that does not notice when that is set.
     */
    public DoormanBuilder clock(Clock time) {
        clock = Objects.requireNonNull(time);
        return this;
    }

    /**
     * The doorman, not started yet.
     *
     * @throws IllegalArgumentException if something required is missing or a setting is out of bounds
     */
    public Doorman build() {
        return new Doorman(settings());
    }

    DoormanSettings settings() {
        FirewallContext context = new FirewallContext(owner, services, options, onClose);
        List<InetSocketAddress> listen =
                addresses.isEmpty() ? List.of(new InetSocketAddress(Doorman.DEFAULT_PORT)) : List.copyOf(addresses);
        listen.forEach(a -> requireNotGuarded(services, a.getPort()));
        if (grantsPerClient.isPresent() && grantsPerClient.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "a client must be able to hold at least one grant, not " + grantsPerClient.getAsInt());
        }
        Clock dates = clock == null ? Clock.systemUTC() : clock;
        Clock grants = clock == null ? new SteadyClock() : clock;
        Admission.Source from = source();
        FileWatch watch = new FileWatch(from::files);
        // Before they are read: what changes from now on is a change.
        watch.take();
        return new DoormanSettings(
                from.read(),
                from,
                watch,
                listen,
                Optional.ofNullable(listenLimit),
                context,
                firewall(context),
                grantsPerClient,
                Optional.ofNullable(ratePerClient),
                tls12,
                watchInterval,
                patience,
                Optional.ofNullable(stateDirectory),
                dates,
                grants,
                List.copyOf(listeners),
                List.copyOf(metrics));
    }

    private Admission.Source source() {
        Admission.Source given = source;
        if (given != null) {
            return given;
        }
        Admission fixed = new Admission(
                required(identity, "identity", "the doorman's own key and certificate"),
                required(trust, "trust", "the CA whose clients may knock"),
                policy);
        return Admission.Source.of(() -> fixed, List.of());
    }

    private Supplier<Firewall> firewall(FirewallContext context) {
        Firewall given = instance;
        if (given != null) {
            return () -> given;
        }
        String name = backend;
        return name == null
                ? () -> Firewalls.onClassPath().openBest(context)
                : () -> Firewalls.onClassPath().open(name, context);
    }

    static void requireNotGuarded(List<Service> services, int port) {
        for (Service service : services) {
            if (port != 0 && service.ports().stream().anyMatch(p -> p.overlaps(PortRange.of(Protocol.TCP, port)))) {
                throw new IllegalArgumentException("service " + service.name() + " guards port " + port
                        + ", where the doorman itself listens: nobody could knock; take it out of the service");
            }
        }
    }

    private static <T> T required(@Nullable T value, String name, String what) {
        if (value == null) {
            throw new IllegalArgumentException("a doorman needs " + what + "; call " + name + "(...)");
        }
        return value;
    }
}
