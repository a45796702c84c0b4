package io.openme.iptables;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one owner has on the host.
 *
 * @param ours what our plane holds, by family
 * @param others what the other plane holds, by family; such as the guard of a run with the other variant
 * @param sets the owner's sets
 */
record HostState(Map<Family, Mangle> ours, Map<Family, Mangle> others, List<String> sets) {
    static final HostState EMPTY = new HostState(Map.of(), Map.of(), List.of());

    private static final Logger LOG = LoggerFactory.getLogger(HostState.class);
    private static final Set<Reason> NOTHING_THERE = Set.of(Reason.NOT_INSTALLED, Reason.NOT_SUPPORTED);

    /**
     * Reads the host.
     *
     * @param strict whether to fail when there may be something that can't be read, rather than to go on without
     */
    static HostState read(Tools tools, Names names, boolean strict) {
        Map<Family, Mangle> ours = new EnumMap<>(Family.class);
        Map<Family, Mangle> others = new EnumMap<>(Family.class);
        for (Family family : Tools.families()) {
            ours.put(family, tools.mangle(family, names));
            try {
                others.put(family, tools.otherMangle(family, names));
            } catch (FirewallException e) {
                skip(e, strict);
            }
        }
        try {
            return new HostState(
                    ours, others, tools.sets().stream().filter(names::isOurs).toList());
        } catch (FirewallException e) {
            skip(e, strict);
            return new HostState(ours, others, List.of());
        }
    }

    Mangle ours(Family family) {
        return ours.getOrDefault(family, Mangle.EMPTY);
    }

    Mangle others(Family family) {
        return others.getOrDefault(family, Mangle.EMPTY);
    }

    /** Whether somebody else has rules in the plane that ours are not in. */
    boolean hasForeignRulesInOtherPlane() {
        return others.values().stream().anyMatch(Mangle::foreign);
    }

    private static void skip(FirewallException failure, boolean strict) {
        if (strict && !NOTHING_THERE.contains(failure.reason())) {
            throw failure;
        }
        LOG.debug("nothing read: {}", failure.getMessage());
    }
}
