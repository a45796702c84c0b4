package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaCommandsTest {
    @TempDir
    private Path directory = Path.of("");

    private Path pki = Path.of("");

    @BeforeEach
    void nameTheDirectory() {
        pki = directory.resolve("pki");
    }

    @Test
    void issuesCertificatesThatThePeersBelieve() throws UntrustedException {
        assertThat(ca("init", "--no-passphrase").out()).contains("its key is NOT encrypted");
        assertThat(ca("server", "localhost", "127.0.0.1", "2001:db8::9").exitCode())
                .isZero();
        assertThat(ca("client", "alice").out()).contains("Issued " + pki.resolve("alice.crt") + " and ");

        Trust trust = Trust.ofPem(pki.resolve("ca.crt")).withCrl(pki.resolve("crl.pem"));
        assertThat(trust.verify(identity("localhost").chain(), Purpose.SERVER, Instant.now())
                        .name())
                .isEqualTo("localhost");
        assertThat(trust.verify(identity("alice").chain(), Purpose.CLIENT, Instant.now())
                        .name())
                .isEqualTo("alice");
        assertThat(Identity.tooOpen(pki.resolve("alice.key"))).isEmpty();
    }

    @Test
    void asksForThePassphraseOfANewCaTwiceAndOfAnOldOneOnce() {
        Run made = answering(List.of("open sesame", "open sesame"), "init");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).contains("its key is encrypted").doesNotContain("sesame");

        assertThat(answering(List.of("open sesame"), "client", "alice").exitCode())
                .isZero();
        Run wrong = answering(List.of("open barley"), "client", "bob");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).doesNotContain("barley");
        assertThat(pki.resolve("bob.crt")).doesNotExist();
    }

    @Test
    void takesThePassphraseFromAFile() throws IOException {
        String secret = Files.writeString(directory.resolve("secret"), "open sesame\r\nno more\n")
                .toString();

        assertThat(ca("init", "--passphrase-file", secret).exitCode()).isZero();
        assertThat(ca("client", "alice", "--passphrase-file", secret).exitCode())
                .isZero();
        assertThat(answering(List.of("open sesame"), "crl").exitCode()).isZero();
    }

    @Test
    void refusesAPassphraseThatIsTypedDifferentlyOrNotAtAll() throws IOException {
        Run different = answering(List.of("one", "two"), "init");
        assertThat(different.exitCode()).isEqualTo(2);
        assertThat(different.err()).contains("the two passphrases are not the same");

        Run nobody = ca("init");
        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.err())
                .contains("nobody answers at a terminal; give --passphrase-file FILE, or --no-passphrase");

        Path empty = Files.createFile(directory.resolve("empty"));
        Run nothing = ca("init", "--passphrase-file", empty.toString());
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).contains("the first line of the passphrase file " + empty + " is empty");

        Run both = ca("init", "--no-passphrase", "--passphrase-file", empty.toString());
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(pki).doesNotExist();
    }

    @Test
    void listsAndRevokes() {
        ca("init", "--no-passphrase");
        ca("client", "alice");
        ca("client", "bob");

        Run revoked = ca("revoke", "alice");

        assertThat(revoked.out()).startsWith("Revoked 1 certificate of alice");
        assertThat(ca("list").out().lines().toList())
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(1)).matches("alice +client +\\S+ +revoked +[0-9a-f]+"))
                .satisfies(lines -> assertThat(lines.get(2)).matches("bob +client +\\S+ +issued +[0-9a-f]+"));
        assertThat(ca("list", "--json").out())
                .matches(
                        "\\[\\{\"name\":\"alice\",\"purpose\":\"client\",\"serial\":\"[0-9a-f]+\",\"notAfter\":\"[^\"]+\","
                                + "\"revoked\":\"[^\"]+\"},\\{\"name\":\"bob\",[^}]+}]\\R");
        assertThat(ca("crl").out()).contains("Wrote " + pki.resolve("crl.pem"));
    }

    @Test
    void overwritesNothing() {
        ca("init", "--no-passphrase");
        ca("client", "alice");

        assertThat(ca("init", "--no-passphrase").exitCode()).isEqualTo(2);
        Run again = ca("client", "alice");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("is there already, and is not overwritten");
    }

    @Test
    void saysWhatIsWrongWithANameAndADirectory() {
        assertThat(ca("list").err()).contains("there is no CA in " + pki);
        ca("init", "--no-passphrase");
        assertThat(ca("client", "../alice").err()).contains("\"../alice\" is no name for a certificate");
        assertThat(ca("client", "../alice").exitCode()).isEqualTo(2);
        assertThat(ca("revoke", "nobody").exitCode()).isEqualTo(2);
        assertThat(ca("server").err()).contains("Missing required parameter");
        assertThat(ca().exitCode()).isEqualTo(2);
    }

    private Identity identity(String name) {
        return Identity.ofPem(pki.resolve(name + ".crt"), pki.resolve(name + ".key"));
    }

    private Run ca(String... arguments) {
        return answering(List.of(), arguments);
    }

    private Run answering(List<String> answers, String... arguments) {
        List<String> all = new ArrayList<>(List.of("ca"));
        all.addAll(List.of(arguments));
        if (arguments.length > 0) {
            all.addAll(List.of("--dir", pki.toString()));
        }
        return Run.answering(directory, answers, all.toArray(String[]::new));
    }
}
