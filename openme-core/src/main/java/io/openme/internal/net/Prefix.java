package io.openme.internal.net;

/**
 * A network that peers come from, by the first bits of its addresses.
 *
 * <p>Comparable so that a hash map of them stays fast when somebody picks addresses whose hashes collide: it then keeps
 * the bucket as a tree.
 */
public record Prefix(boolean six, int length, long bits) implements Comparable<Prefix> {
    @Override
    public int compareTo(Prefix other) {
        if (six != other.six) {
            return Boolean.compare(six, other.six);
        }
        return length == other.length ? Long.compare(bits, other.bits) : Integer.compare(length, other.length);
    }
}
