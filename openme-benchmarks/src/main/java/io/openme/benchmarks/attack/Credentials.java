package io.openme.benchmarks.attack;

import io.openme.testkit.KeyType;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The certificates of everybody: the doorman's, a friend's, those of members who turn hostile, and of strangers. */
final class Credentials {
    /** The name in the doorman's certificate. */
    static final String SERVER = "door.example.org";

    /** Clients whose certificates are good, and who mean no good. */
    static final List<String> MEMBERS =
            IntStream.range(0, 8).mapToObj(i -> "member-" + i).toList();

    /** Strangers with chains that are to cost the doorman much. */
    static final List<String> BOMBS = List.of("bomb-namesakes", "bomb-long", "bomb-wide");

    private final TestCa ca = TestCa.create();
    private final Path directory;
    private long crl;

    /** Writes all of them into this directory. */
    Credentials(Path directory) throws IOException {
        this.directory = directory;
        ca.writeTo(directory);
        write(ca.server(SERVER).issue());
        write(ca.client("friend").issue());
        for (String member : MEMBERS) {
            write(ca.client(member).issue());
        }
        for (TestCertificate bomb : bombs()) {
            write(bomb);
        }
        publishRevocations();
    }

    /** Replaces the list of revoked certificates by a newer one, as an administrator does: whole, by a move. */
    void publishRevocations() throws IOException {
        crl++;
        Path made = directory.resolve("crl.new");
        Files.writeString(made, ca.crl().number(crl).pem());
        Files.move(made, directory.resolve("crl.pem"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void write(TestCertificate issued) throws IOException {
        issued.writeTo(directory);
        Files.setPosixFilePermissions(
                directory.resolve(issued.name() + ".key"), PosixFilePermissions.fromString("rw-------"));
    }

    /**
     * Chains of strangers, none of which leads anywhere: CAs that all have the name of the trusted one, so that a search for
     * a path has to try each; more CAs than a chain may have; and a leaf with so many names that it fills what one may send.
     */
    private static List<TestCertificate> bombs() {
        List<X509Certificate> namesakes = IntStream.range(0, 7)
                .mapToObj(i -> TestCa.create().certificate())
                .toList();
        TestCertificate leaf = TestCa.create().client("bomb-namesakes").issue();
        String[] names = IntStream.range(0, 400)
                .mapToObj(i -> "n" + i + ".of-a-stranger.example.org")
                .toArray(String[]::new);
        return new ArrayList<>(List.of(
                new TestCertificate(leaf.name(), leaf.certificate(), namesakes, leaf.key()),
                TestCa.create("Stranger", KeyType.P256)
                        .client("bomb-long")
                        .junkChain(24)
                        .issue(),
                TestCa.create("Stranger", KeyType.P256)
                        .client("bomb-wide")
                        .names(names)
                        .issue()));
    }
}
