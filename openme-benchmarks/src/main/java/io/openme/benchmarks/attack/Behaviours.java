package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.RawBehaviours.Drip;
import io.openme.benchmarks.attack.RawBehaviours.HalfHandshake;
import io.openme.benchmarks.attack.RawBehaviours.Idle;
import io.openme.benchmarks.attack.RawBehaviours.Reset;
import io.openme.benchmarks.attack.RawBehaviours.Say;
import io.openme.benchmarks.attack.TlsBehaviours.Flood;
import io.openme.benchmarks.attack.TlsBehaviours.Hoard;
import io.openme.benchmarks.attack.TlsBehaviours.Rekey;
import io.openme.benchmarks.attack.TlsBehaviours.Show;
import io.openme.benchmarks.attack.TlsBehaviours.SlowReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** Makes what the connections of an attack do, with the keys in a directory. */
record Behaviours(Path directory) {
    /** What a record of 16 KB holds, and more. */
    private static final int KEY_UPDATES = 700;

    /** So many addresses of guests, 32 by each, make as many grants as a client may hold. */
    private static final int HOARDERS = 8;

    Supplier<Behaviour> of(Attack attack) {
        return switch (attack) {
            case NONE, IDLE, DESCRIPTORS -> Idle::new;
            case DRIPPING -> Drip::new;
            case CLIENT_HELLO_SILENCE, IPV6_PREFIXES -> inTurn(List.of(Hello.usual()), Say::new);
            case HALF_HANDSHAKE -> HalfHandshake::new;
            case OVERSIZED -> inTurn(RawBehaviours.oversized(), Say::new);
            case PLAINTEXT -> inTurn(List.of(RawBehaviours.plaintext()), Say::new);
            case GARBAGE -> inTurn(RawBehaviours.garbage(), Say::new);
            case RESET -> Reset::new;
            case COSTLY_GROUPS -> inTurn(RawBehaviours.costlyGroups(), Say::new);
            case CERTIFICATE_CHAINS -> inTurn(contexts(Credentials.BOMBS), Show::new);
            case RENEGOTIATION -> inTurn(members(), key -> new Rekey(key, TlsBehaviours.TLS_12, 1));
            case KEY_UPDATES -> inTurn(members(), key -> new Rekey(key, TlsBehaviours.TLS_13, KEY_UPDATES));
            case AUTHENTICATED_FLOOD, RELOADS -> inTurn(members(), Flood::new);
            case SLOW_READERS -> slowReaders();
        };
    }

    private static <T> Supplier<Behaviour> inTurn(List<T> variants, Function<T, Behaviour> behaviour) {
        AtomicInteger turn = new AtomicInteger();
        return () -> behaviour.apply(variants.get(Math.floorMod(turn.getAndIncrement(), variants.size())));
    }

    private Supplier<Behaviour> slowReaders() {
        SSLContext one = members().get(0);
        AtomicInteger turn = new AtomicInteger();
        return () -> {
            int number = turn.getAndIncrement();
            return number < HOARDERS ? new Hoard(one, number) : new SlowReader(one);
        };
    }

    private List<SSLContext> members() {
        return contexts(Credentials.MEMBERS);
    }

    private List<SSLContext> contexts(List<String> names) {
        return names.stream().map(name -> HostileKey.context(directory, name)).toList();
    }
}
