package io.openme.benchmarks.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.List;

/** What a stranger can do without a TLS implementation: bytes that were made before, sent again and again. */
final class RawBehaviours {
    private static final byte[] HELLO = Hello.usual();

    private RawBehaviours() {}

    /** Connects and says nothing. */
    static final class Idle implements Behaviour {
        @Override
        public void connected(Line line) {
            line.done();
        }
    }

    /** Sends these bytes at once, and then nothing. */
    static final class Say implements Behaviour {
        private final byte[] bytes;

        Say(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void connected(Line line) throws IOException {
            line.send(ByteBuffer.wrap(bytes));
            line.done();
        }
    }

    /** Sends a ClientHello, two bytes a second. */
    static final class Drip implements Behaviour {
        private int sent;

        @Override
        public void connected(Line line) {
            line.done();
        }

        @Override
        public void tick(Line line) throws IOException {
            if (sent < HELLO.length) {
                line.send(ByteBuffer.wrap(HELLO, sent++, 1));
            }
        }
    }

    /**
     * Sends a ClientHello, waits for the server's part of the handshake, and begins its own: a record that announces 8 KB, and
     * of those two bytes a second.
     */
    static final class HalfHandshake implements Behaviour {
        private boolean answered;

        @Override
        public void connected(Line line) throws IOException {
            line.send(ByteBuffer.wrap(HELLO));
        }

        @Override
        public void received(Line line, ByteBuffer bytes) throws IOException {
            if (!answered) {
                answered = true;
                line.send(ByteBuffer.wrap(new byte[] {0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0x20, 0}));
                line.done();
            }
        }

        @Override
        public void tick(Line line) throws IOException {
            if (answered) {
                line.send(ByteBuffer.wrap(new byte[] {'?'}));
            }
        }
    }

    /** Connects and resets. */
    static final class Reset implements Behaviour {
        @Override
        public void connected(Line line) throws IOException {
            line.done();
            line.reset();
        }
    }

    /** What is no TLS at all. */
    static byte[] plaintext() {
        return ("GET /" + "a".repeat(4000) + " HTTP/1.1\r\nHost: door\r\n\r\n").getBytes(US_ASCII);
    }

    /** Random bytes; every second one begins as TLS does, and goes on at random. */
    static List<byte[]> garbage() {
        byte[] pure = Hello.random(2000);
        byte[] disguised = Hello.random(2000);
        System.arraycopy(HELLO, 0, disguised, 0, 48);
        disguised[3] = 7;
        disguised[4] = (byte) 0xcb;
        disguised[7] = 7;
        disguised[8] = (byte) 0xc7;
        return List.of(pure, disguised);
    }

    /** Records and messages that announce more than they may, at the gate and behind it. */
    static List<byte[]> oversized() {
        byte[] record = HELLO.clone();
        record[3] = (byte) 0xff;
        record[4] = (byte) 0xff;
        byte[] message = HELLO.clone();
        message[6] = (byte) 0xff;
        // A good ClientHello first, so that an engine gets to see the rest, or would.
        byte[] recordBehind = join(HELLO, new byte[] {0x17, 3, 3, (byte) 0xff, (byte) 0xff}, Hello.random(3000));
        byte[] messageBehind = join(
                HELLO,
                new byte[] {0x16, 3, 3, 0x0f, (byte) 0xa4, 11, (byte) 0xff, (byte) 0xff, (byte) 0xff},
                Hello.random(4000));
        return List.of(record, message, recordBehind, messageBehind);
    }

    /** ClientHellos that offer nothing but a group in which the server's part is dear, and one that asks for a second round. */
    static List<byte[]> costlyGroups() {
        return List.of(
                Hello.offering(Hello.FFDHE8192, positive(1024)),
                Hello.offering(Hello.P521, point("secp521r1", 66)),
                Hello.offering(Hello.P384, point("secp384r1", 48)),
                Hello.offering(Hello.X448, Hello.random(56)),
                Hello.offering(Hello.P256, new byte[0]));
    }

    private static byte[] positive(int length) {
        byte[] bytes = Hello.random(length);
        bytes[0] = 0x3f;
        return bytes;
    }

    private static byte[] point(String curve, int length) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new java.security.spec.ECGenParameterSpec(curve));
            ECPublicKey key = (ECPublicKey) generator.generateKeyPair().getPublic();
            return join(
                    new byte[] {4},
                    padded(key.getW().getAffineX(), length),
                    padded(key.getW().getAffineY(), length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key on " + curve, e);
        }
    }

    private static byte[] padded(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] padded = new byte[length];
        int from = Math.max(0, bytes.length - length);
        System.arraycopy(bytes, from, padded, length - (bytes.length - from), bytes.length - from);
        return padded;
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
