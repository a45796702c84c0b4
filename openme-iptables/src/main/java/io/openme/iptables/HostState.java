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

    /** What has to be read of the host, or reading it fails; what our plane holds always has. */
    enum Needed {
        /** Nothing else. */
        OUR_PLANE,
        /** The sets, too: one that is there unseen would be taken for a new one, with whoever is in it. */
        SETS,
        /** All that may be of ours. */
        EVERYTHING
    }

    /**
     * Reads the host. What is not needed and can't be read, such as for want of a right, is left out. Where there is no tool
     * for the other plane, or no ipset and sets are not needed, or nothing in the kernel that it could ask, there is nothing
     * of ours.
     *
     * @throws FirewallException if something that is needed can't be read
     */
    static HostState read(Tools tools, Names names, Needed needed) {
        Map<Family, Mangle> ours = new EnumMap<>(Family.class);
        Map<Family, Mangle> others = new EnumMap<>(Family.class);
        for (Family family : tools.families()) {
            ours.put(family, tools.mangle(family, names));
            try {
                others.put(family, tools.otherMangle(family, names));
            } catch (FirewallException e) {
                skip(e, needed == Needed.EVERYTHING);
            }
        }
        try {
            return new HostState(
                    ours, others, tools.sets().stream().filter(names::isOurs).toList());
        } catch (FirewallException e) {
            if (needed == Needed.SETS) {
                throw e;
            }
            skip(e, needed == Needed.EVERYTHING);
            return new HostState(ours, others, List.of());
        }
    }

    Mangle ours(Family family) {
        return ours.getOrDefault(family, Mangle.EMPTY);
    }

    Mangle others(Family family) {
        return others.getOrDefault(family, Mangle.EMPTY);
    }

    /** Whether the owner has rules in the other plane. */
    boolean isInOtherPlane() {
        return others.values().stream().anyMatch(mangle -> !mangle.isEmpty());
    }

    /** Whether somebody else has rules in the other plane. */
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
