package io.openme.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.Doorman;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static final String LEAST = """
            services: { ssh: [22/tcp] }
            identity: { certificate: server.crt, key: server.key }
            clients: { ca: ca.crt }
            """;

    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("config.yaml");
    }

    @Test
    void readsEveryKey() throws IOException {
        Configuration read = read("""
                listen: ["127.0.0.1:54154", "[::1]:0"]
                listen-limit: 30/1m
                services:
                  ssh: 22/tcp
                  web: [80/tcp, 443/tcp, 443/udp]
                  mosh: { ports: 60000-61000/udp, established: cut }
                  mail: { ports: [25/tcp, 465/tcp], established: keep }
                  dns: { ports: [53/udp] }
                identity: { certificate: certs/server.crt, key: certs/server.key, passphrase-file: /run/secret }
                clients:  { ca: certs/ca.crt, crl: certs/crl.pem, crl-grace: 2d }
                firewall:
                  backend: nftables
                  on-close: remove
                  owner: door-2
                  options: { timeout: 5s, max-openings: 100 }
                  watch-interval: 250ms
                grants:   { lifetime: 30m, longest: 12h, rate: 10/30s, state-directory: state }
                tls:      { allow-1.2: true }
                audit:    { file: audit.jsonl }
                monitoring: { listen: "[::1]:0" }
                """);

        assertThat(read.listen())
                .extracting(Object::toString)
                .containsExactly("/127.0.0.1:54154", "/[0:0:0:0:0:0:0:1]:0");
        assertThat(read.listenLimit()).contains(new DoorLimit(30, Duration.ofMinutes(1)));
        assertThat(read.services())
                .containsExactly(
                        Service.of("ssh", "22/tcp"),
                        Service.of("web", "80/tcp", "443/tcp", "443/udp"),
                        new Service("mosh", List.of(PortRange.parse("60000-61000/udp")), Established.CUT),
                        Service.of("mail", "25/tcp", "465/tcp"),
                        Service.of("dns", "53/udp"));
        assertThat(read.identity())
                .isEqualTo(new Configuration.IdentityFiles(
                        directory.resolve("certs/server.crt"),
                        directory.resolve("certs/server.key"),
                        Optional.of(Path.of("/run/secret"))));
        assertThat(read.clients())
                .isEqualTo(new Configuration.ClientFiles(
                        directory.resolve("certs/ca.crt"),
                        Optional.of(directory.resolve("certs/crl.pem")),
                        Duration.ofDays(2)));
        assertThat(read.firewall())
                .isEqualTo(new Configuration.FirewallSettings(
                        Optional.of("nftables"),
                        OnClose.REMOVE,
                        "door-2",
                        Map.of("timeout", "5s", "max-openings", "100"),
                        Optional.of(Duration.ofMillis(250))));
        assertThat(read.grants().lifetime()).isEqualTo(Duration.ofMinutes(30));
        assertThat(read.grants().longest()).isEqualTo(Duration.ofHours(12));
        assertThat(read.grants().rate()).contains(new Rate(10, Duration.ofSeconds(30)));
        assertThat(read.grants().memory()).isEqualTo(new Memory.Directory(directory.resolve("state")));
        assertThat(read.tls12()).isTrue();
        assertThat(read.oversight().audit()).contains(directory.resolve("audit.jsonl"));
        assertThat(read.oversight().monitoring()).hasToString("Optional[/[0:0:0:0:0:0:0:1]:0]");
        assertThat(read.debug()).isFalse();
    }

    @Test
    void refusesWhatWouldTakeMoreStackThanThereIs() {
        assertProblem(
                "services:\n  " + "[".repeat(100_000),
                2,
                "this is nested too deeply to be a configuration; check the path");
    }

    @Test
    void quotesNothingThatATerminalWouldObey() throws IOException {
        assertThatThrownBy(() -> read("services: { ssh: [\"\\e[31m22/tcp\\n/etc/other: fine\"] }"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("\"?[31m22/tcp?/etc/other: fine\"");
    }

    @Test
    void hasADefaultForWhatIsLeftOut() throws IOException {
        Configuration read = read(LEAST);

        assertThat(read.listen())
                .extracting(Object::toString)
                .containsExactly("/0.0.0.0:54154", "/[0:0:0:0:0:0:0:0]:54154");
        assertThat(read.firewall().backend()).isEmpty();
        assertThat(read.firewall().onClose()).isEqualTo(OnClose.KEEP_GUARD);
        assertThat(read.firewall().owner()).isEqualTo("openme");
        assertThat(read.grants().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(read.grants().memory()).isEqualTo(new Memory.Usual());
        assertThat(read.firewall().watchInterval()).isEmpty();
        assertThat(read.listenLimit()).contains(Doorman.DEFAULT_LISTEN_LIMIT);
        assertThat(read.tls12()).isFalse();
        assertThat(read.oversight()).isEqualTo(Configuration.OversightSettings.NONE);
        assertThat(read.clients().crl()).isEmpty();
    }

    @Test
    void remembersNothingIfToldSoAndADirectoryOfThatNameIsWrittenAsAPath() throws IOException {
        assertThat(read(LEAST + "grants: { state-directory: none }\n").grants().memory())
                .isEqualTo(new Memory.None());
        assertThat(read(LEAST + "grants: { state-directory: ./none }\n")
                        .grants()
                        .memory())
                .isEqualTo(new Memory.Directory(directory.resolve("none")));
    }

    @Test
    void readsTheFileOfTheOriginalDaemonUnchanged() throws IOException {
        Configuration read = read("""
                BIND_ADDRESS: '0.0.0.0'
                LISTENING_PORT: 54154
                PORTS:
                  - port: 80
                    protocol: tcp
                  - port: 443
                    protocol: tcp
                CERT_FILE: "../certs/server.crt"
                KEY_FILE: "../certs/server.key"
                CA_CERT_FILE: "../certs/ca.crt"
                DEBUG: true
                """);

        assertThat(read.listen()).extracting(Object::toString).containsExactly("/0.0.0.0:54154");
        assertThat(read.services()).containsExactly(Service.of("ports", "80/tcp", "443/tcp"));
        assertThat(read.identity().certificate())
                .isEqualTo(directory.resolveSibling("certs").resolve("server.crt"));
        assertThat(read.clients().ca())
                .isEqualTo(directory.resolveSibling("certs").resolve("ca.crt"));
        assertThat(read.debug()).isTrue();
        assertThat(read.firewall().backend()).contains("dry-run");
        assertThat(read.firewall().watchInterval()).isEmpty();
        assertThat(read.grants().memory()).isEqualTo(new Memory.Usual());
        assertThat(read.grants().lifetime()).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"True, true", "yes, true", "on, true", "False, false", "no, false", "OFF, false"})
    void takesTheBooleansOfYaml11WhereTheOriginalDid(String written, boolean meant) throws IOException {
        assertThat(read(original("DEBUG: " + written)).debug()).isEqualTo(meant);
    }

    @Test
    void choosesTheFirewallItselfWhereTheOriginalWasNotInDebug() throws IOException {
        assertThat(read(original("DEBUG: false")).firewall().backend()).isEmpty();
        assertThat(read(original("")).firewall().backend()).isEmpty();
    }

    @Test
    void leavesOptionsToTheBackendThatTheyWereWrittenFor() throws IOException {
        Configuration read = read(LEAST + "firewall: { backend: nftables, options: { timeout: 5s } }\n");

        assertThat(read.withBackend("nftables").firewall().options()).containsEntry("timeout", "5s");
        assertThat(read.withBackend("dry-run").firewall().options()).isEmpty();
    }

    @Test
    void saysWhichKeysOfTheTwoFormatsAreMixed() {
        assertProblem(
                original("services: { ssh: [22/tcp] }"),
                7,
                "keys of the original daemon (BIND_ADDRESS, LISTENING_PORT, PORTS, CERT_FILE, KEY_FILE, CA_CERT_FILE)"
                        + " and keys of this program (services) are mixed; use either");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lisen: [\"0.0.0.0:1\"] | unknown key lisen; did you mean listen?",
                "Grants: {} | unknown key Grants; did you mean grants?",
                "zebra: 1 | unknown key zebra; known are audit, clients, firewall, grants, identity, listen, listen-limit, monitoring, policy, services, tls",
                "audit: {} | audit.file is missing; write audit: { file: /var/log/openme/audit.jsonl }",
                "monitoring: { listen: \"0.0.0.0:9154\" } | monitoring.listen: \"0.0.0.0:9154\" is no loopback address, and anybody who reaches it would read it: it asks for no password; write \"127.0.0.1:9154\" and let a proxy or a tunnel carry it further",
                "grants: { lifetme: 1h } | unknown key grants.lifetme; did you mean lifetime?",
                "firewall: { onclose: remove } | unknown key firewall.onclose; did you mean on-close?",
                "grants: { lifetime: 1x } | grants.lifetime: \"1x\" is no duration; write it as 90s, 30m, 1h, 1h30m or 2d",
                "grants: { lifetime: 13h } | grants.lifetime: \"13h\" is more than grants.longest, which is 12h; shorten"
                        + " the one or raise the other",
                "grants: { longest: 30m } | grants.lifetime: \"1h\" is more than grants.longest, which is 30m; shorten"
                        + " the one or raise the other",
                "grants: { lifetime: 0s } | grants.lifetime: \"PT0S\" is out of bounds; it is 1s to 365d",
                "grants: 1h | grants is \"1h\", but should be keys with values; it has lifetime, longest, rate, state-directory",
                "grants: | grants is nothing, but should be keys with values; it has lifetime, longest, rate, state-directory",
                "grants: { rate: often } | grants.rate: \"often\" is no rate; write how often and in which time, such as 60/1m, or none",
                "grants: { lifetime: [1h] } | grants.lifetime is a list, but should be a single value",
                "firewall: { backend: } | firewall.backend has no value; give it one or take the key out",
                "firewall: { on-close: keep } | firewall.on-close: \"keep\" is unknown; write keep-guard or remove",
                "firewall: { options: { timeout: 5s } } | firewall.options belong to one backend, but firewall.backend is"
                        + " missing; name it, such as nftables",
                "listen-limit: 20/s | listen-limit: \"20/s\" is no rate; write how often and in which time, such as 200/10s, or none",
                "listen-limit: 10/2m | listen-limit: a limit of connections per PT2M is out of bounds; it is per 1 second to 1 minute",
                "listen-limit: 200000/1m | listen-limit: a limit of 200000 connections is out of bounds; it is 1 to 100000",
                "firewall: { watch-interval: 99ms } | firewall.watch-interval: \"99ms\" is out of bounds; it is 100ms to 1h",
                "firewall: { watch-interval: 2h } | firewall.watch-interval: \"2h\" is out of bounds; it is 100ms to 1h",
                "firewall: { watch-interval: soon } | firewall.watch-interval: \"soon\" is no duration; write it as 90s,"
                        + " 30m, 1h, 1h30m or 2d",
                "grants: { state-directory: } | grants.state-directory has no value; give it one or take the key out",
                "tls: { allow-1.2: yes } | tls.allow-1.2 is \"yes\", but should be true or false, without quotes",
                "tls: { allow-1.2: \"true\" } | tls.allow-1.2 is \"true\", but should be true or false, without quotes",
                "listen: 54154 | listen: \"54154\" is no address with a port; write \"0.0.0.0:54154\" or \"[::]:54154\"",
                "listen: \"localhost:1\" | listen: \"localhost\" is no IP address; write one, such as 0.0.0.0 for all of"
                        + " them",
                "listen: \"0.0.0.0:65536\" | listen: \"65536\" is no port; a port is a number from 0 to 65535",
                "listen: [] | listen is an empty list; write listen: [\"0.0.0.0:54154\"]",
                "clients: { ca: other.crt } | clients is there twice; leave one out",
            })
    void saysWhatIsWrongAndTheWayOut(String wrong, String message) {
        assertProblem(LEAST + wrong + "\n", 4, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "22/tpc | services.ssh: \"22/tpc\" is not a port; write it as port/protocol, such as 22/tcp or"
                        + " 60000-61000/udp",
                "22 | services.ssh: \"22\" is not a port; write it as port/protocol, such as 22/tcp or 60000-61000/udp",
                "70000/tcp | services.ssh: port 70000 is out of bounds; a port is 1 to 65535",
                "[22/tcp, 20-30/tcp] | services.ssh: service ssh names the same ports twice: 22/tcp and 20-30/tcp; leave"
                        + " one out",
                "[] | services.ssh: service ssh guards no port; give it one, such as 22/tcp",
                "{ ports: [22/tpc] } | services.ssh.ports: \"22/tpc\" is not a port; write it as port/protocol, such as"
                        + " 22/tcp or 60000-61000/udp",
                "{ ports: [] } | services.ssh: service ssh guards no port; give it one, such as 22/tcp",
                "{ ports: } | services.ssh.ports has no value; give it one or take the key out",
                "{ established: cut } | services.ssh.ports is missing; write ports: [22/tcp]",
                "{ ports: [22/tcp], established: drop } | services.ssh.established: \"drop\" is unknown; write keep or"
                        + " cut",
                "{ port: [22/tcp], ports: [22/tcp] } | unknown key services.ssh.port; did you mean ports?",
            })
    void saysWhichPortIsWrong(String ports, String message) {
        assertProblem(LEAST.replace("[22/tcp]", ports), 1, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DEBUG: maybe | DEBUG is \"maybe\", but should be true or false, without quotes",
                "DEBUGG: true | unknown key DEBUGG; did you mean DEBUG?",
                "PORTS: 80 | PORTS is there twice; leave one out",
            })
    void saysWhatIsWrongWithAnOriginalFile(String wrong, String message) {
        assertProblem(original(wrong), 7, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{port: 80, protocol: icmp} | PORTS.protocol: \"icmp\" is no protocol; write tcp or udp",
                "{port: http, protocol: tcp} | PORTS.port: \"http\" is no port; a port is a number from 1 to 65535",
                "{port: 80} | PORTS.protocol is missing; write protocol: tcp",
                "80 | PORTS is \"80\", but should be keys with values; it has port, protocol",
            })
    void saysWhichOriginalPortIsWrong(String port, String message) {
        assertProblem(original("").replace("{port: 80, protocol: tcp}", port), 3, message);
    }

    @Test
    void tellsEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> read("service: { ssh: [22/tcp] }\ngrants: { lifetime: 1 }\nclients: {}\n"))
                .isInstanceOf(ConfigurationException.class)
                .message()
                .contains(":1: unknown key service; did you mean services?")
                .contains(":2: grants.lifetime: \"1\" is no duration")
                .contains(": services is missing; write services: { ssh: [22/tcp] }")
                .contains(": identity is missing; write identity:")
                .contains(":3: clients.ca is missing; write clients: { ca: certs/ca.crt }");
    }

    @Test
    void guardsSomething() {
        assertProblem(
                LEAST.replace("{ ssh: [22/tcp] }", "{}"),
                1,
                "services guards nothing; write services: { ssh: [22/tcp] }");
    }

    @Test
    void refusesAFileThatIsNoConfiguration() throws IOException {
        assertThatThrownBy(() -> Configuration.read(file))
                .hasMessage("there is no configuration " + file + "; name one with -c FILE");
        assertThatThrownBy(() -> Configuration.read(directory)).hasMessageContaining("can't read the configuration");
        assertThatThrownBy(() -> read("")).hasMessageContaining(file + " is empty");
        assertThatThrownBy(() -> read("# nothing\n")).hasMessageContaining(file + " is empty");
        assertProblem("- a list\n", 1, "a configuration is keys with values, such as services: { ssh: [22/tcp] }");
        assertThatThrownBy(() -> read("services: [\n")).hasMessageContaining(":2: this is no YAML: ");
        assertThatThrownBy(() -> read("a: 1\n---\nb: 1\n")).hasMessageContaining("this is no YAML: ");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> Configuration.read(file)).hasMessage(file + " is not text in UTF-8; check the path");
        Files.write(file, new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> Configuration.read(file)).hasMessageContaining("is larger than 1 MiB");
    }

    @Test
    void isNotTrappedByAFileThatHoldsItself() {
        assertThatThrownBy(() -> read("services: &loop { ssh: *loop }\n"
                        + LEAST.lines().skip(1).toList().stream().reduce("", (a, b) -> a + b + "\n")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("unknown key services.ssh.ssh; known are established, ports");
        assertProblem(
                LEAST.replace("[22/tcp]", "&loop { ports: *loop }"),
                1,
                "services.ssh.ports is keys with values, but should be a single value");
    }

    @Test
    void limitsNoNewConnectionsWhereItSaysSo() throws IOException {
        assertThat(read(LEAST + "listen-limit: none\n").listenLimit()).isEmpty();
        assertThat(read(original("")).listenLimit()).contains(Doorman.DEFAULT_LISTEN_LIMIT);
    }

    private Configuration read(String content) throws IOException {
        return Configuration.read(Files.writeString(file, content, StandardCharsets.UTF_8));
    }

    private void assertProblem(String content, int line, String message) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(file + ":" + line + ": " + message);
    }

    private static String original(String more) {
        return String.join(
                "\n",
                List.of(
                        "BIND_ADDRESS: '127.0.0.1'",
                        "LISTENING_PORT: 0",
                        "PORTS: [{port: 80, protocol: tcp}]",
                        "CERT_FILE: server.crt",
                        "KEY_FILE: server.key",
                        "CA_CERT_FILE: ca.crt",
                        more,
                        ""));
    }
}
