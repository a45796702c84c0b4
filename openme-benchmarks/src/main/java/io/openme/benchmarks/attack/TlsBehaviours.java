package io.openme.benchmarks.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;

/** What takes a handshake to do, mostly one with a good certificate. */
final class TlsBehaviours {
    static final String TLS_12 = "TLSv1.2";
    static final String TLS_13 = "TLSv1.3";
    static final String OPENME_1 = "openme/1";
    static final String OPENME_2 = "openme/2";

    /** As many as a connection may have. */
    private static final int COMMANDS = 32;

    private TlsBehaviours() {}

    /** Shows its certificates, whatever they are, and waits for what the doorman makes of them. */
    static final class Show extends TlsBehaviour {
        Show(SSLContext context) {
            super(context, TLS_13, OPENME_1);
        }

        @Override
        void established(Line line) {
            line.done();
        }
    }

    /** Asks for new keys so often in one go, and again as long as the doorman bears it. */
    static final class Rekey extends TlsBehaviour {
        private final int times;
        private boolean established;

        Rekey(SSLContext context, String protocol, int times) {
            super(context, protocol, OPENME_2);
            this.times = times;
        }

        @Override
        void established(Line line) throws IOException {
            established = true;
            tick(line);
        }

        @Override
        public void tick(Line line) throws IOException {
            for (int i = 0; established && i < times; i++) {
                askForNewKeys(line);
                line.done();
            }
        }
    }

    /** Opens and closes 32 times in one go, reads the replies, and comes again. */
    static final class Flood extends TlsBehaviour {
        private static final byte[] ALL =
                "OPEN lifetime=60\nCLOSE\n".repeat(COMMANDS / 2).getBytes(US_ASCII);

        private int replies;

        Flood(SSLContext context) {
            super(context, TLS_13, OPENME_2);
        }

        @Override
        void established(Line line) throws IOException {
            say(line, ALL);
        }

        @Override
        void said(Line line, ByteBuffer data) throws IOException {
            for (int i = data.position(); i < data.limit(); i++) {
                if (data.get(i) == '\n') {
                    line.done();
                    replies++;
                }
            }
            if (replies == COMMANDS) {
                line.close();
            }
        }
    }

    /** Holds as much as it may, by guests, so that lists get long; then lives on without a word. */
    static final class Hoard extends TlsBehaviour {
        private final int number;

        Hoard(SSLContext context, int number) {
            super(context, TLS_13, OPENME_2);
            this.number = number;
        }

        @Override
        void established(Line line) throws IOException {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < COMMANDS; i++) {
                all.append("OPEN lifetime=120 address=198.19.")
                        .append(number)
                        .append('.')
                        .append(i + 1)
                        .append('\n');
            }
            say(line, all.toString().getBytes(US_ASCII));
        }
    }

    /** Asks 32 times for a long list, reads nothing any more, and comes again when the doorman's patience should be over. */
    static final class SlowReader extends TlsBehaviour {
        /** Seven seconds. */
        private static final int PATIENCE = 14;

        private static final byte[] ALL = "STATUS\n".repeat(COMMANDS).getBytes(US_ASCII);

        private boolean asked;
        private int ticks;

        SlowReader(SSLContext context) {
            super(context, TLS_13, OPENME_2);
        }

        @Override
        void established(Line line) throws IOException {
            say(line, ALL);
            line.turnAway();
            line.done();
            asked = true;
        }

        @Override
        public void tick(Line line) throws IOException {
            // Not even an end is noticed by one who does not read.
            if (asked && ++ticks > PATIENCE) {
                line.reset();
            }
        }
    }
}
