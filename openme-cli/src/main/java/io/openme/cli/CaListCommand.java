package io.openme.cli;

import io.openme.pki.CaDirectory;
import io.openme.pki.IssuedCertificate;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme ca list}. */
@Command(
        name = "list",
        header = "Lists what the CA has issued, oldest first.",
        footer = {"", "Examples:", "  openme ca list", "  openme ca list --json"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaListCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaDirectoryOption place = new CaDirectoryOption();

    @Option(names = "--json", description = "For programs: a JSON array.")
    private boolean json;

    @Override
    public Integer call() {
        List<IssuedCertificate> issued = CaDirectory.list(place.directory());
        PrintWriter out = Program.line(spec).getOut();
        if (json) {
            out.println(Json.write(issued.stream().map(CaListCommand::toMap).toList()));
        } else {
            out.printf(Locale.ROOT, "%-24s %-7s %-20s %-8s %s%n", "NAME", "FOR", "UNTIL", "STATE", "SERIAL");
            for (IssuedCertificate each : issued) {
                out.printf(
                        Locale.ROOT,
                        "%-24s %-7s %-20s %-8s %s%n",
                        each.name(),
                        purpose(each),
                        each.notAfter(),
                        each.revoked().isPresent() ? "revoked" : "issued",
                        each.serial().toString(16));
            }
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> toMap(IssuedCertificate issued) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", issued.name());
        map.put("purpose", purpose(issued));
        map.put("serial", issued.serial().toString(16));
        map.put("notAfter", issued.notAfter().toString());
        issued.revoked().ifPresent(at -> map.put("revoked", at.toString()));
        return map;
    }

    private static String purpose(IssuedCertificate issued) {
        return issued.purpose().name().toLowerCase(Locale.ROOT);
    }
}
