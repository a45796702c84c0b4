package io.openme.cli;

import io.openme.cli.config.Durations;
import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads values of the command line. */
final class Converters {
    private Converters() {}

    /** Literals only: picocli's own converter would look names up. */
    static final class Address implements ITypeConverter<InetAddress> {
        @Override
        public InetAddress convert(String text) {
            return IpLiteral.parse(text)
                    .orElseThrow(() -> new TypeConversionException("\"" + text
                            + "\" is no IP address; write one, such as 203.0.113.9 or 2001:db8::9 (names and"
                            + " networks are not taken)"));
        }
    }

    static final class Duration implements ITypeConverter<java.time.Duration> {
        @Override
        public java.time.Duration convert(String text) {
            return Durations.parse(text)
                    .filter(duration -> !duration.isZero() && !duration.isNegative())
                    .orElseThrow(() -> new TypeConversionException(
                            "\"" + text + "\" is no duration; write it as 5s, 1m or 1h30m"));
        }
    }

    static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
            if (port < 1 || port > 65535) {
                throw new TypeConversionException("\"" + text + "\" is no port; a port is a number from 1 to 65535");
            }
            return port;
        }
    }

    static final class Pin implements ITypeConverter<io.openme.tls.Pin> {
        @Override
        public io.openme.tls.Pin convert(String text) {
            try {
                return io.openme.tls.Pin.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
