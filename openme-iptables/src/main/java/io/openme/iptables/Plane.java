package io.openme.iptables;

import java.util.List;

/** The two implementations of iptables in a kernel. Both can hold rules at a time, and then both judge each packet. */
enum Plane {
    /** Tables of nf_tables. */
    NFT("nft"),
    /** The tables of old. */
    LEGACY("legacy");

    private final String word;

    Plane(String word) {
        this.word = word;
    }

    /** The name of one of its tools, such as {@code iptables-nft-save}. */
    String program(Family family, String verb) {
        return family.tool() + "-" + word + "-" + verb;
    }

    /**
     * What {@code save} takes to list the table mangle. The legacy tool would make the table by asking for it, so that one
     * is asked for whatever is there.
     */
    List<String> saveArguments() {
        return this == NFT ? List.of("-t", "mangle") : List.of();
    }

    Plane other() {
        return this == NFT ? LEGACY : NFT;
    }

    /** As an option writes it. */
    @Override
    public String toString() {
        return word;
    }
}
