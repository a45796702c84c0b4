package io.openme.policy;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;

/** For which addresses the clients of a rule may open. */
public sealed interface OpensFor {
    /** Whether a guest of this address is one of them. */
    boolean admitsGuest(InetAddress guest);

    /** For none: these clients are refused. */
    record Nobody() implements OpensFor {
        @Override
        public boolean admitsGuest(InetAddress guest) {
            return false;
        }

        @Override
        public String toString() {
            return "nobody";
        }
    }

    /** For the address that the client itself comes from. */
    record Itself() implements OpensFor {
        @Override
        public boolean admitsGuest(InetAddress guest) {
            return false;
        }

        @Override
        public String toString() {
            return "itself";
        }
    }

    /**
     * For the client itself, and for guests in these networks.
     *
     * @param networks at least one
     */
    record Guests(List<Network> networks) implements OpensFor {
        /** @throws IllegalArgumentException if there is no network */
        public Guests {
            networks = List.copyOf(networks);
            if (networks.isEmpty()) {
                throw new IllegalArgumentException(
                        "guests in no network are none; write that the client opens for itself");
            }
        }

        @Override
        public boolean admitsGuest(InetAddress guest) {
            return networks.stream().anyMatch(each -> each.contains(guest));
        }

        @Override
        public String toString() {
            return "itself and guests in "
                    + networks.stream().map(Network::toString).collect(Collectors.joining(", "));
        }
    }

    /** For the client itself and for any guest. */
    record Anyone() implements OpensFor {
        @Override
        public boolean admitsGuest(InetAddress guest) {
            return true;
        }

        @Override
        public String toString() {
            return "itself and any guest";
        }
    }
}
