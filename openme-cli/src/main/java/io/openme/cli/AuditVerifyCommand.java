package io.openme.cli;

import io.openme.audit.AuditVerifier;
import io.openme.audit.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme audit verify}. */
@Command(
        name = "verify",
        header = "Finds lines that were changed, removed, inserted or moved.",
        description = {
            "Each line has the hash of the line before. Names the first that does not fit, or prints the head: the hash of"
                    + " the last line.",
            "Who may write the file can write all of it anew. Keep a head elsewhere, and name it with --head: then nothing"
                    + " up to that line was changed, and the end is not cut off."
        },
        footer = {
            "",
            "Examples:",
            "  openme audit verify /var/log/openme/audit.jsonl",
            "  openme audit verify audit.jsonl.2 audit.jsonl.1 audit.jsonl",
            "",
            "Exit codes: 0 intact, 1 broken, 2 wrong usage, or a file can't be read."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class AuditVerifyCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "The parts of the log, oldest first, not compressed.")
    private List<Path> files = List.of();

    @Option(names = "--head", paramLabel = "HASH", description = "The hash of a line that has to be there.")
    private Optional<String> head = Optional.empty();

    @Option(names = "--json", description = "For programs: a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Verification found;
        try {
            found = AuditVerifier.verify(files, head);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
        PrintWriter out = Program.line(spec).getOut();
        if (json) {
            out.println(Json.write(toMap(found)));
        } else {
            print(found, out);
        }
        return found.intact() ? ExitCode.OK : ExitCode.BROKEN;
    }

    private static void print(Verification found, PrintWriter out) {
        found.fault().ifPresent(fault -> out.println("BROKEN   " + fault));
        String lines = found.lines() + (found.lines() == 1 ? " line" : " lines");
        out.println((found.intact() ? "intact   " : "before   ")
                + lines
                + (found.lines() == 0
                        ? ""
                        : ", number " + found.first() + " to " + found.head().sequence())
                + found.time().map(time -> ", until " + time).orElse(""));
        out.println("head     " + found.head().hash());
        found.notes().forEach(note -> out.println("note     " + note));
    }

    private static Map<String, Object> toMap(Verification found) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("intact", found.intact());
        map.put("lines", found.lines());
        map.put("first", found.first());
        map.put("last", found.head().sequence());
        map.put("head", found.head().hash());
        found.time().ifPresent(time -> map.put("time", time));
        found.fault().ifPresent(fault -> {
            Map<String, Object> where = new LinkedHashMap<>();
            where.put("file", fault.file());
            where.put("line", fault.line());
            where.put("problem", fault.problem());
            map.put("fault", where);
        });
        map.put("notes", found.notes());
        return map;
    }
}
