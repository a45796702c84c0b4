package io.openme.cli;

import io.openme.pki.CaDirectory;
import io.openme.pki.Pkcs12;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca export}. */
@Command(
        name = "export",
        header = "Puts a certificate, its key and the CA's certificate into one file.",
        description = {
            "Phones and browsers import such a file (PKCS#12, .p12). A passphrase encrypts it, which you are asked for;"
                    + " tell it by another way than the file goes.",
            "A device that calls the right passphrase wrong does not know the ciphers: give it one made with --compatible."
                    + " Older Android, iOS and macOS do that."
        },
        footer = {"", "Example:", "  openme ca export alice --p12 alice.p12"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaExportCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaDirectoryOption place = new CaDirectoryOption();

    @Option(names = "--p12", paramLabel = "FILE", required = true, description = "The file to write.")
    private Path file = Path.of("");

    @Option(names = "--compatible", description = "Weaker ciphers, which old devices know: triple DES and SHA-1.")
    private boolean compatible;

    @Option(
            names = "--export-passphrase-file",
            paramLabel = "FILE",
            description = "Encrypt it by the first line of FILE, in place of asking.")
    private Optional<Path> exportPassphrase = Optional.empty();

    @Option(
            names = "--key-passphrase-file",
            paramLabel = "FILE",
            description = "Its first line opens NAME.key. Without it you are asked, if one is needed.")
    private Optional<Path> keyPassphrase = Optional.empty();

    @Parameters(paramLabel = "NAME", description = "Whose certificate it is.")
    private String name = "";

    CaExportCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        char[] secret = exportPassphrase
                .map(Passphrases::read)
                .orElseGet(() -> Passphrases.askForNew(
                        host.terminal(), "the new " + file, "give --export-passphrase-file FILE"));
        Path written;
        try {
            written = Passphrases.use(secret, export -> export(secret));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
        Program.line(spec)
                .getOut()
                .println("Wrote " + written + " with the certificate and key of " + name + " and the CA's certificate");
        return ExitCode.OK;
    }

    private Path export(char[] secret) {
        return Passphrases.open(
                host.terminal(),
                keyPassphrase,
                "the key of " + name,
                "give --key-passphrase-file FILE",
                opening -> CaDirectory.export(
                        place.directory(),
                        name,
                        opening,
                        compatible ? Pkcs12.COMPATIBLE : Pkcs12.MODERN,
                        file,
                        secret));
    }
}
