package io.openme.benchmarks.attack;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Writes ClientHellos of TLS 1.3 without a TLS implementation, so that they cost the attacker nothing. */
final class Hello {
    static final int X25519 = 0x1d;
    static final int P256 = 0x17;
    static final int P384 = 0x18;
    static final int P521 = 0x19;
    static final int X448 = 0x1e;
    static final int FFDHE8192 = 0x104;

    private static final SecureRandom RANDOM = new SecureRandom();

    private Hello() {}

    /**
     * A record with a ClientHello that offers one group.
     *
     * @param share the public key in that group; with none the server has to ask for one
     */
    static byte[] offering(int group, byte[] share) {
        ByteBuffer extensions = ByteBuffer.allocate(4096);
        extension(extensions, 43, new byte[] {2, 3, 4});
        extension(extensions, 10, shorts(2, group));
        extension(extensions, 13, shorts(8, 0x0403, 0x0804, 0x0401, 0x0807));
        ByteBuffer shares = ByteBuffer.allocate(4096);
        if (share.length == 0) {
            shares.putShort((short) 0);
        } else {
            shares.putShort((short) (share.length + 4)).putShort((short) group);
            shares.putShort((short) share.length).put(share);
        }
        extension(extensions, 51, taken(shares));

        ByteBuffer body = ByteBuffer.allocate(8192);
        body.putShort((short) 0x0303).put(random(32));
        body.put((byte) 32).put(random(32));
        body.put(shorts(4, 0x1301, 0x1302));
        body.put((byte) 1).put((byte) 0);
        byte[] all = taken(extensions);
        body.putShort((short) all.length).put(all);
        return record(taken(body));
    }

    /** One that every server accepts: any 32 bytes are a key of X25519. */
    static byte[] usual() {
        return offering(X25519, random(32));
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static byte[] record(byte[] body) {
        return taken(ByteBuffer.allocate(body.length + 9)
                .put((byte) 0x16)
                .putShort((short) 0x0301)
                .putShort((short) (body.length + 4))
                .putInt(0x01000000 | body.length)
                .put(body));
    }

    private static void extension(ByteBuffer to, int type, byte[] content) {
        to.putShort((short) type).putShort((short) content.length).put(content);
    }

    private static byte[] shorts(int lengthInBytes, int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(2 + 2 * numbers.length).putShort((short) lengthInBytes);
        for (int number : numbers) {
            bytes.putShort((short) number);
        }
        return bytes.array();
    }

    private static byte[] taken(ByteBuffer written) {
        byte[] bytes = new byte[written.flip().remaining()];
        written.get(bytes);
        return bytes;
    }
}
