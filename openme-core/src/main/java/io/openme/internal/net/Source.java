package io.openme.internal.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a peer comes from: its host, and the networks around it.
 *
 * <p>To count hosts alone is not enough: who rents a server gets a /48 with it, which are 65,536 hosts. So networks share
 * what there is first with other networks of their size, and then among their parts.
 */
public record Source(Prefix provider, Prefix site, Prefix host) {
    /** How wide a network is, from wide to narrow. */
    public enum Level {
        /** IPv4 /16, IPv6 /32: what a provider of access or of servers gets from its registry. */
        PROVIDER(16, 32),
        /** IPv4 /24, IPv6 /48: what is routed at the least, and what one customer may get. */
        SITE(24, 48),
        /** An IPv4 address, or the /64 network that an IPv6 host can take any address of. */
        HOST(32, 64);

        private final int four;
        private final int six;

        Level(int four, int six) {
            this.four = four;
            this.six = six;
        }

        /** What networks of this level are made of; null if nothing that we tell apart. */
        @Nullable
        public Level parts() {
            return switch (this) {
                case PROVIDER -> SITE;
                case SITE -> HOST;
                case HOST -> null;
            };
        }

        private Prefix around(boolean isSix, long bits) {
            int length = isSix ? six : four;
            return new Prefix(isSix, length, bits >>> (64 - length));
        }
    }

    /** The first 64 bits of what stands for IPv4 addresses where a network translates them (RFC 6052, section 2.1). */
    private static final long TRANSLATED = 0x0064_ff9b_0000_0000L;

    /** Where this address is. One that stands for an IPv4 address is where that is: else all of IPv4 were one host. */
    public static Source of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        boolean six = !(address instanceof Inet4Address);
        long bits = six ? bytes.getLong() : (long) bytes.getInt() << 32;
        if (six && bits == TRANSLATED && bytes.getInt() == 0) {
            six = false;
            bits = (long) bytes.getInt() << 32;
        }
        return new Source(Level.PROVIDER.around(six, bits), Level.SITE.around(six, bits), Level.HOST.around(six, bits));
    }

    /** The network of this level. */
    public Prefix at(Level level) {
        return switch (level) {
            case PROVIDER -> provider;
            case SITE -> site;
            case HOST -> host;
        };
    }
}
