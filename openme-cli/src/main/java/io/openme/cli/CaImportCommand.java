package io.openme.cli;

import io.openme.pki.CaDirectory;
import io.openme.pki.IssuedCertificate;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca import}. */
@Command(
        name = "import",
        header = "Takes over a CA that easy-rsa made.",
        description = {
            "Makes --dir with the same CA: its key, as it is encrypted, what it issued and whom it revoked. From then on"
                    + " openme ca goes on with it. The directory of easy-rsa is only read.",
            "--passphrase-file opens the key of easy-rsa's CA, and goes on to do so."
        },
        footer = {"", "Example:", "  openme ca import /etc/openvpn/easy-rsa/pki --dir ./pki"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaImportCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Parameters(paramLabel = "EASY-RSA-DIR", description = "easy-rsa's pki directory, or the one that it is in.")
    private Path source = Path.of("");

    CaImportCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        ca.open(host, source, secret -> CaDirectory.importEasyRsa(source, ca.directory(), secret, host.clock()));
        List<IssuedCertificate> issued = CaDirectory.list(ca.directory());
        long revoked =
                issued.stream().filter(each -> each.revoked().isPresent()).count();
        Program.line(spec)
                .getOut()
                .println("Took over the CA in " + source + ": " + issued.size() + " certificates, " + revoked
                        + " of them revoked. Now bring " + ca.directory().resolve("crl.pem") + " to each doorman, and"
                        + " use easy-rsa no more for this CA: neither knows whom the other revokes");
        return ExitCode.OK;
    }
}
