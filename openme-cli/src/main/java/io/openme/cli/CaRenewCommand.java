package io.openme.cli;

import io.openme.pki.OldCertificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca renew}. */
@Command(
        name = "renew",
        header = "Issues a certificate anew before it ends.",
        description = {
            "The new one is for the same name, purpose and addresses, with a new key. The old files are kept beside it"
                    + " (NAME.crt.old, NAME.key.old), and the old certificate is good until it ends.",
            "With --ca, the CA's own certificate: same name, same key, so all that it issued stays good. Bring the new"
                    + " ca.crt to each doorman and client before the old one ends."
        },
        footer = {
            "",
            "Examples:",
            "  openme ca renew alice",
            "  openme ca renew home.example --same-key",
            "  openme ca renew --ca"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaRenewCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Option(names = "--ca", description = "Renew the CA itself, in place of a NAME.")
    private boolean authority;

    @Option(
            names = "--same-key",
            description = "Keep the key, which may be elsewhere; whoever pinned it notices nothing.")
    private boolean sameKey;

    @Option(
            names = "--revoke-old",
            description = "Revoke what the name had before: at once, wherever the new crl.pem is.")
    private boolean revokeOld;

    @Mixin
    private CrlLifetime lifetime = new CrlLifetime();

    @Mixin
    private KeyProtection protection = new KeyProtection();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Whose certificate is renewed.")
    private Optional<String> name = Optional.empty();

    CaRenewCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        if (authority == name.isPresent()) {
            throw wrong("say what to renew: either a NAME or --ca");
        }
        if (authority && (sameKey || revokeOld || protection.isGiven())) {
            throw wrong("the CA keeps its key and is never revoked; leave the other options out with --ca");
        }
        if (sameKey && protection.isGiven()) {
            throw wrong("with --same-key there is no new key to encrypt; leave one of them out");
        }
        Program.line(spec).getOut().println(name.map(this::renew).orElseGet(this::renewAuthority));
        return ExitCode.OK;
    }

    private String renew(String renewed) {
        OldCertificate old = revokeOld ? OldCertificate.REVOKED : OldCertificate.STAYS;
        X509Certificate certificate = ca.use(
                host,
                directory -> sameKey
                        ? lifetime.of(directory).renewWithSameKey(renewed, old)
                        : protection.apply(
                                host, renewed, secret -> lifetime.of(directory).renew(renewed, secret, old)));
        return "Renewed the certificate of " + renewed + ", good until "
                + certificate.getNotAfter().toInstant() + (sameKey ? "; its key is the same" : "; its key is new")
                + (revokeOld
                        ? ". The old one is revoked: now bring "
                                + ca.directory().resolve("crl.pem") + " to each doorman"
                        : ". The old one is good until it ends");
    }

    private String renewAuthority() {
        X509Certificate certificate = ca.use(
                        host, directory -> lifetime.of(directory).renewAuthority())
                .authority()
                .certificate();
        return "Renewed the CA in " + ca.directory() + ", good until "
                + certificate.getNotAfter().toInstant() + ". Now bring "
                + ca.directory().resolve("ca.crt") + " and "
                + ca.directory().resolve("crl.pem") + " to each doorman, and ca.crt to each client";
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Program.line(spec), message);
    }
}
