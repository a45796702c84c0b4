package io.openme.cli;

import io.openme.doorman.Doorman;
import io.openme.knocker.KnockResult;
import io.openme.knocker.Knocker;
import io.openme.protocol.Request;
import io.openme.tls.Identity;
import io.openme.tls.Pin;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What all commands that ask a doorman have in common: whom to ask, as whom. */
final class KnockOptions {
    private static final String PASSPHRASE_ADVICE = "give --passphrase-file FILE";

    @Option(
            names = {"-s", "--server"},
            required = true,
            paramLabel = "HOST",
            description = "The doorman's name or address.")
    private String server = "";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "" + Doorman.DEFAULT_PORT,
            converter = Converters.Port.class,
            description = "The doorman's port; default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = {"--server-name", "--server-hostname"},
            paramLabel = "NAME",
            description = "The name or address that the doorman's certificate must have; default: HOST.")
    private Optional<String> serverName = Optional.empty();

    @Option(
            names = "--pin",
            paramLabel = "PIN",
            converter = Converters.Pin.class,
            description = {
                "Believe the doorman with this key, whatever names its certificate has",
                "(it must still be of your CA). On the server, openme pin CERTIFICATE prints it."
            })
    private List<Pin> pins = List.of();

    @Option(names = "--cert", paramLabel = "FILE", description = "Your certificate (PEM).")
    private Optional<Path> certificate = Optional.empty();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Its key (PEM, encrypted or not); default: in the file of --cert.")
    private Optional<Path> key = Optional.empty();

    @Option(
            names = "--p12",
            paramLabel = "FILE",
            description = "Your certificate and key in one PKCS#12 store, in place of --cert and --key.")
    private Optional<Path> store = Optional.empty();

    @Option(names = "--ca", paramLabel = "FILE", description = "The CA's certificate (PEM); nobody else is believed.")
    private Optional<Path> ca = Optional.empty();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line opens the key. Without it you are asked, if one is needed.")
    private Optional<Path> passphrase = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            converter = Converters.Address.class,
            description = "Knock from this address of this host.")
    private Optional<InetAddress> from = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = Converters.Duration.class,
            description = "How long it may take in all; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Knocker.DEFAULT_TIMEOUT;

    @Option(names = "--allow-tls1.2", description = "Let the doorman use TLS 1.2, as an original one on an old system.")
    private boolean tls12;

    /** The doorman, as messages name it. */
    String doorman() {
        return server + " port " + port;
    }

    /** Asks the doorman for this; if it does not say OK, the person is told why. */
    KnockResult ask(Host host, CommandLine line, Request request) {
        try {
            KnockResult result = knocker(host).ask(request);
            if (!result.granted()) {
                Messages.error(line, result.detail());
            }
            return result;
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    /** What the program ends with after this. */
    static int exitCode(KnockResult result) {
        return switch (result.status()) {
            case GRANTED -> ExitCode.OK;
            case REFUSED -> ExitCode.REFUSED;
            case UNSUPPORTED -> ExitCode.USAGE;
            case NOT_AUTHENTICATED, WRONG_SERVER -> ExitCode.NOT_AUTHENTICATED;
            case UNREACHABLE, TIMED_OUT -> ExitCode.UNREACHABLE;
        };
    }

    /** Who asks the doorman. */
    Knocker knocker(Host host) {
        Knocker.Builder builder = Knocker.builder()
                .identity(identity(host))
                .trust(Trust.ofPem(ca.orElseGet(() -> defaultFile(host, "ca.crt", "--ca FILE"))))
                .server(server, port)
                .timeout(timeout)
                .allowTls12(tls12)
                .clock(host.clock());
        serverName.ifPresent(builder::serverName);
        from.ifPresent(builder::from);
        try {
            pins.forEach(pin -> builder.pin(pin.toString()));
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    private Identity identity(Host host) {
        Identities identities = new Identities(host.terminal());
        if (store.isPresent()) {
            if (certificate.isPresent() || key.isPresent()) {
                throw new UsageException("--p12 holds a certificate and a key; leave out --cert and --key");
            }
            refuseTooOpen(store.get());
            return identities.pkcs12(store.get(), passphrase, PASSPHRASE_ADVICE);
        }
        if (certificate.isEmpty() && key.isPresent()) {
            throw new UsageException("--key needs the certificate, too; give --cert FILE");
        }
        Path cert =
                certificate.orElseGet(() -> defaultFile(host, "client.crt", "--cert FILE --key FILE, or --p12 FILE"));
        Path itsKey = key.orElseGet(() -> certificate.orElseGet(() -> defaultFile(host, "client.key", "--key FILE")));
        refuseTooOpen(itsKey);
        return identities.pem(cert, itsKey, passphrase, PASSPHRASE_ADVICE);
    }

    private static void refuseTooOpen(Path file) {
        Identity.tooOpen(file).ifPresent(reason -> {
            throw new UsageException(reason);
        });
    }

    /** Only from this user's own settings: a file of the working directory could be anybody's. */
    private static Path defaultFile(Host host, String name, String option) {
        Path file = host.settings().resolve(name);
        if (!Files.exists(file)) {
            throw new UsageException("give " + option + " (or put it into " + file + ", where it is found without)");
        }
        return file;
    }
}
