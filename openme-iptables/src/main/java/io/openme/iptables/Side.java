package io.openme.iptables;

/** Of a packet, where the address of an opening is looked for. */
enum Side {
    /** In what comes in. */
    SENDER("-s", "src"),
    /** In what goes out. */
    RECEIVER("-d", "dst");

    private final String option;
    private final String ofSet;

    Side(String option, String ofSet) {
        this.option = option;
        this.ofSet = ofSet;
    }

    /** What goes before the address in a rule. */
    String option() {
        return option;
    }

    /** How a match of a set says it. */
    String ofSet() {
        return ofSet;
    }
}
