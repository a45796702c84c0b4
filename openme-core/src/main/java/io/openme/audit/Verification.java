package io.openme.audit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What was found in an audit log.
 *
 * @param lines how many lines hold together, from the first one read
 * @param first the number of the first; 0 if there is none
 * @param head the last of them; its number is 0 if there is none
 * @param time when the last of them was written, as it says; empty if there is none
 * @param fault where the chain breaks first; empty if it is intact
 * @param notes what an owner should know beside, in words
 */
public record Verification(
        long lines, long first, AuditHead head, Optional<String> time, Optional<Fault> fault, List<String> notes) {
    /** Copies the notes. */
    public Verification {
        notes = List.copyOf(notes);
    }

    /** Whether nothing between the first line read and the last was changed, removed, inserted or moved. */
    public boolean intact() {
        return fault.isEmpty();
    }

    /**
     * Where a chain breaks.
     *
     * @param file in which file
     * @param line in which of its lines, counted from 1
     * @param problem what is wrong there, in words
     */
    public record Fault(Path file, long line, String problem) {
        /** {@code audit.jsonl:17: ...}. */
        @Override
        public String toString() {
            return file + ":" + line + ": " + problem;
        }
    }
}
