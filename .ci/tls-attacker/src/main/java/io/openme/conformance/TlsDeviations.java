package io.openme.conformance;

import static io.openme.conformance.Flights.apart;
import static io.openme.conformance.Flights.certificate;
import static io.openme.conformance.Flights.changeCipherSpec;
import static io.openme.conformance.Flights.compressed;
import static io.openme.conformance.Flights.emptyCertificate;
import static io.openme.conformance.Flights.finished;
import static io.openme.conformance.Flights.goodKnock;
import static io.openme.conformance.Flights.handshake;
import static io.openme.conformance.Flights.hello;
import static io.openme.conformance.Flights.hello12;
import static io.openme.conformance.Flights.inClear;
import static io.openme.conformance.Flights.join;
import static io.openme.conformance.Flights.keyExchange;
import static io.openme.conformance.Flights.knock;
import static io.openme.conformance.Flights.knock12;
import static io.openme.conformance.Flights.openme;
import static io.openme.conformance.Flights.record;
import static io.openme.conformance.Flights.recordOfNoType;
import static io.openme.conformance.Flights.send;
import static io.openme.conformance.Flights.spoiltFinished;
import static io.openme.conformance.Flights.spoiltVerify;
import static io.openme.conformance.Flights.twice;
import static io.openme.conformance.Flights.verify;

import de.rub.nds.tlsattacker.core.config.Config;
import de.rub.nds.tlsattacker.core.config.delegate.CertificateDelegate;
import de.rub.nds.tlsattacker.core.connection.OutboundConnection;
import de.rub.nds.tlsattacker.core.constants.AlertDescription;
import de.rub.nds.tlsattacker.core.constants.CipherSuite;
import de.rub.nds.tlsattacker.core.constants.NamedGroup;
import de.rub.nds.tlsattacker.core.constants.ProtocolVersion;
import de.rub.nds.tlsattacker.core.constants.SignatureAndHashAlgorithm;
import de.rub.nds.tlsattacker.core.protocol.ProtocolMessage;
import de.rub.nds.tlsattacker.core.protocol.message.AlertMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ApplicationMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ClientHelloMessage;
import de.rub.nds.tlsattacker.core.protocol.message.HeartbeatMessage;
import de.rub.nds.tlsattacker.core.protocol.message.KeyUpdateMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ServerHelloMessage;
import de.rub.nds.tlsattacker.core.protocol.message.extension.psk.PskSet;
import de.rub.nds.tlsattacker.core.state.State;
import de.rub.nds.tlsattacker.core.workflow.DefaultWorkflowExecutor;
import de.rub.nds.tlsattacker.core.workflow.WorkflowTrace;
import de.rub.nds.tlsattacker.core.workflow.WorkflowTraceResultUtil;
import de.rub.nds.tlsattacker.core.workflow.action.GenericReceiveAction;
import de.rub.nds.tlsattacker.core.workflow.action.ReceiveTillAction;
import de.rub.nds.tlsattacker.core.workflow.action.TlsAction;
import de.rub.nds.tlsattacker.transport.socket.SocketState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Knocks at a doorman in ways that no TLS library can be talked into, each in a connection of its own, and says what came
 * back. Its exit code is 1 where that is not what docs/security/conformance.md says.
 *
 * <p>Arguments: the directory of a PKI with the clients alice and bob, the port of a doorman as it is by default, and that
 * of one which allows TLS 1.2.
 */
public final class TlsDeviations {

    private final Path pki;
    private final int port;
    private final int tls12Port;
    private int unexpected;

    private TlsDeviations(Path pki, int port, int tls12Port) {
        this.pki = pki;
        this.port = port;
        this.tls12Port = tls12Port;
    }

    public static void main(String[] arguments) {
        // TLS-Attacker looks for its algorithms by this provider's name.
        Security.addProvider(new BouncyCastleProvider());
        TlsDeviations deviations = new TlsDeviations(
                Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        deviations.proof();
        deviations.order();
        deviations.records();
        deviations.clientHello();
        deviations.olderVersion();
        System.exit(deviations.unexpected == 0 ? 0 : 1);
    }

    /** Who does not prove his certificate, or not in this handshake. */
    private void proof() {
        says("OK", "a good handshake", tls13(), knock(certificate(), verify(), finished()));
        says(
                "bad_certificate|certificate_required",
                "Certificate empty",
                tls13(),
                knock(emptyCertificate(), finished()));
        says(
                "bad_certificate|certificate_required",
                "Certificate empty, CertificateVerify",
                tls13(),
                knock(emptyCertificate(), verify(), finished()));
        says("unexpected_message", "no Certificate", tls13(), knock(finished()));
        says("unexpected_message", "no CertificateVerify", tls13(), knock(certificate(), finished()));
        says(
                "handshake_failure",
                "CertificateVerify of another client's key",
                tls13("alice", "bob"),
                knock(certificate(), verify(), finished()));
        says(
                "handshake_failure",
                "CertificateVerify with a bit changed",
                tls13(),
                knock(certificate(), spoiltVerify(), finished()));
        says(
                "handshake_failure|unexpected_message",
                "CertificateVerify before Certificate",
                tls13(),
                knock(verify(), certificate(), finished()));
        says(
                "unexpected_message",
                "Certificate twice",
                tls13(),
                knock(certificate(), certificate(), verify(), finished()));
        says("decrypt_error", "Finished with a bit changed", tls13(), knock(certificate(), verify(), spoiltFinished()));
        says("unexpected_message", "no Finished", tls13(), knock(certificate(), verify()));
    }

    /** Messages where they do not belong. */
    private void order() {
        says("unexpected_message", "OPENME instead of Certificate", tls13(), knock());
        says(
                "unexpected_message",
                "OPENME before Finished",
                tls13(),
                knock(certificate(), verify(), openme(), finished()));
        says(
                "handshake_failure",
                "OPENME in clear after ServerHello",
                tls13(),
                c -> join(hello(c), inClear(), send(openme())));
        says(
                "bad_record_mac",
                "OPENME in clear after Finished",
                tls13(),
                c -> join(handshake(c), inClear(), send(openme())));
        says("close", "OPENME instead of ClientHello", tls13(), c -> List.of(send(openme())));
        says(
                "close",
                "ServerHello instead of ClientHello",
                tls13(),
                c -> List.of(send(apart(new ServerHelloMessage(c)))));
        says(
                "unexpected_message",
                "ServerHello after ServerHello",
                tls13(),
                c -> join(hello(c), send(apart(new ServerHelloMessage(c))), send(openme())));
        says(
                "unexpected_message",
                "ClientHello after ServerHello",
                tls13(),
                c -> join(hello(c), send(apart(new ClientHelloMessage(c))), send(openme())));
        says(
                "unexpected_message",
                "ClientHello after Finished",
                tls13(),
                c -> join(handshake(c), send(apart(new ClientHelloMessage(c))), send(openme())));
        says(
                "unexpected_message",
                "KeyUpdate before Finished",
                tls13(),
                knock(apart(new KeyUpdateMessage()), certificate(), verify(), finished()));
        says(
                "unexpected_message",
                "Heartbeat after Finished",
                tls13(),
                c -> join(handshake(c), send(new HeartbeatMessage()), send(openme())));
        says(
                "unexpected_message",
                "ChangeCipherSpec twice",
                tls13(),
                c -> join(
                        hello(c),
                        send(changeCipherSpec()),
                        send(changeCipherSpec()),
                        send(certificate(), verify(), finished()),
                        send(openme())));
        says(
                "OK",
                "ChangeCipherSpec encrypted",
                with(tls13(), c -> c.setEncryptChangeCipherSpec(true)),
                knock(changeCipherSpec(), certificate(), verify(), finished()));
        says(
                "unexpected_message",
                "ChangeCipherSpec encrypted, no Certificate",
                with(tls13(), c -> c.setEncryptChangeCipherSpec(true)),
                knock(changeCipherSpec(), finished()));
        says(
                "OK",
                "ChangeCipherSpec after Finished",
                tls13(),
                c -> join(handshake(c), send(changeCipherSpec()), send(openme())));
    }

    /** Records that are none. */
    private void records() {
        says(
                "handshake_failure",
                "Handshake record without content",
                tls13(),
                c -> join(hello(c), record(finished(), 0), send(openme())));
        says(
                "handshake_failure",
                "Alert record without content",
                tls13(),
                c -> join(hello(c), record(new AlertMessage(), 0), send(openme())));
        says(
                "unexpected_message",
                "record of type 99 after Finished",
                tls13(),
                c -> join(handshake(c), recordOfNoType()));
        says("unexpected_message", "record of type 99 before Finished", tls13(), c -> join(hello(c), recordOfNoType()));
        says(
                "handshake_failure",
                "record of type 99 in clear",
                tls13(),
                c -> join(hello(c), inClear(), recordOfNoType()));
        says(
                "close",
                "record of 2^14 + 257 before Finished",
                tls13(),
                c -> join(hello(c), record(certificate(), (1 << 14) + 257), send(openme())));
        says(
                "close",
                "record of 2^14 + 257 after Finished",
                tls13(),
                c -> join(handshake(c), record(openme(), (1 << 14) + 257), send(openme())));
        says(
                "close",
                "record of 2^14 + 257 instead of ClientHello",
                tls13(),
                c -> List.of(record(new ClientHelloMessage(c), (1 << 14) + 257)));
    }

    /** A ClientHello that offers too little, too much, or something twice; who sends it has a good certificate. */
    private void clientHello() {
        says(
                "missing_extension",
                "no signature_algorithms",
                with(tls13(), c -> c.setAddSignatureAndHashAlgorithmsExtension(false)),
                c -> goodKnock(c));
        says(
                "missing_extension",
                "no supported_groups",
                with(tls13(), c -> c.setAddEllipticCurveExtension(false)),
                c -> goodKnock(c));
        says(
                "missing_extension",
                "no key_share",
                with(tls13(), c -> c.setAddKeyShareExtension(false)),
                c -> goodKnock(c));
        says(
                "protocol_version",
                "supported_versions without 1.3",
                with(tls13(), c -> c.setSupportedVersions(ProtocolVersion.TLS12)),
                c -> goodKnock(c));
        says(
                "OK",
                "supported_versions twice",
                tls13(),
                c -> join(twice(c), send(certificate(), verify(), finished()), send(openme())));
        says(
                "OK",
                "compression",
                tls13(),
                c -> join(compressed(c), send(certificate(), verify(), finished()), send(openme())));
        says("unexpected_message", "PSK, no Certificate", with(tls13(), TlsDeviations::offerPsk), knock(finished()));
        says("unexpected_message", "PSK, nothing but OPENME", with(tls13(), TlsDeviations::offerPsk), knock());
        says(
                "close",
                "PSK, OPENME as early data",
                with(tls13(), c -> {
                    offerPsk(c);
                    c.setAddEarlyDataExtension(true);
                }),
                c -> List.of(
                        send(new ClientHelloMessage(c)),
                        send(openme()),
                        new ReceiveTillAction(finished()),
                        send(openme())));
        says("OK", "a good handshake, after all of these", tls13(), c -> goodKnock(c));
    }

    private void olderVersion() {
        says(
                "OK",
                "1.2: a good handshake",
                tls12(),
                knock12(certificate(), keyExchange(), verify(), changeCipherSpec(), finished()));
        says(
                "bad_certificate|handshake_failure",
                "1.2: Certificate empty",
                tls12(),
                knock12(emptyCertificate(), keyExchange(), changeCipherSpec(), finished()));
        says(
                "unexpected_message",
                "1.2: no Certificate",
                tls12(),
                knock12(keyExchange(), changeCipherSpec(), finished()));
        says(
                "unexpected_message",
                "1.2: no CertificateVerify",
                tls12(),
                knock12(certificate(), keyExchange(), changeCipherSpec(), finished()));
        says(
                "handshake_failure",
                "1.2: CertificateVerify of another client's key",
                tls12("alice", "bob"),
                knock12(certificate(), keyExchange(), verify(), changeCipherSpec(), finished()));
        says(
                "unexpected_message",
                "1.2: ChangeCipherSpec before ClientKeyExchange",
                tls12(),
                knock12(certificate(), changeCipherSpec(), keyExchange(), verify(), finished()));
        says(
                "unexpected_message",
                "1.2: no ChangeCipherSpec",
                tls12(),
                knock12(certificate(), keyExchange(), verify(), finished()));
        says(
                "decrypt_error",
                "1.2: Finished with a bit changed",
                tls12(),
                knock12(certificate(), keyExchange(), verify(), changeCipherSpec(), spoiltFinished()));
        says(
                "unexpected_message",
                "1.2: OPENME instead of Finished",
                tls12(),
                knock12(certificate(), keyExchange(), verify(), changeCipherSpec(), openme()));
        says(
                "close",
                "1.2: renegotiation",
                tls12(),
                c -> join(
                        hello12(c),
                        send(certificate(), keyExchange(), verify(), changeCipherSpec(), finished()),
                        new ReceiveTillAction(finished()),
                        send(apart(new ClientHelloMessage(c))),
                        send(openme())));
        says(
                "OK",
                "1.2: a good handshake, after all of these",
                tls12(),
                knock12(certificate(), keyExchange(), verify(), changeCipherSpec(), finished()));
    }

    /** Where JDKs differ, {@code wanted} has more than one answer. */
    private void says(String wanted, String deviation, Config config, Function<Config, List<TlsAction>> client) {
        WorkflowTrace trace = new WorkflowTrace();
        trace.addTlsActions(client.apply(config));
        trace.addTlsAction(new GenericReceiveAction());
        State state = new State(config, trace);
        new DefaultWorkflowExecutor(state).executeWorkflow();
        String answer = answer(state);
        System.out.printf("%-50s %s%n", deviation, answer);
        if (!List.of(wanted.split("\\|")).contains(answer)) {
            System.out.println("  wanted: " + wanted);
            unexpected++;
        }
    }

    /** The text that came back; or else the name of the alert; or else whether the connection was closed. */
    private static String answer(State state) {
        List<ProtocolMessage> received = WorkflowTraceResultUtil.getAllReceivedMessages(state.getWorkflowTrace());
        StringBuilder text = new StringBuilder();
        for (ProtocolMessage message : received) {
            if (message instanceof ApplicationMessage data) {
                text.append(new String(data.getData().getValue(), StandardCharsets.US_ASCII));
            }
        }
        if (!text.isEmpty()) {
            return text.toString().strip();
        }
        for (ProtocolMessage message : received) {
            if (message instanceof AlertMessage alert) {
                return AlertDescription.getAlertDescription(
                                alert.getDescription().getValue())
                        .name()
                        .toLowerCase(Locale.ROOT);
            }
        }
        SocketState socket = state.getTcpContext().getFinalSocketState();
        return socket == SocketState.UP || socket == SocketState.TIMEOUT ? "silence" : "close";
    }

    private Config tls13() {
        return tls13("alice", "alice");
    }

    private Config tls13(String certificate, String key) {
        Config config = config(port, certificate, key);
        config.setHighestProtocolVersion(ProtocolVersion.TLS13);
        config.setSupportedVersions(ProtocolVersion.TLS13);
        config.setDefaultClientSupportedCipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256);
        config.setDefaultClientKeyShareNamedGroups(NamedGroup.SECP256R1);
        config.setAddSupportedVersionsExtension(true);
        config.setAddKeyShareExtension(true);
        config.setAddECPointFormatExtension(false);
        config.setAddRenegotiationInfoExtension(false);
        return config;
    }

    private Config tls12() {
        return tls12("alice", "alice");
    }

    private Config tls12(String certificate, String key) {
        Config config = config(tls12Port, certificate, key);
        config.setHighestProtocolVersion(ProtocolVersion.TLS12);
        config.setDefaultClientSupportedCipherSuites(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
        config.setAddExtendedMasterSecretExtension(true);
        return config;
    }

    private Config config(int port, String certificate, String key) {
        Config config = new Config();
        OutboundConnection connection = new OutboundConnection(port, "127.0.0.1");
        // Longer than a doorman's deadline for a handshake, at which it closes.
        connection.setTimeout(10_000);
        config.setDefaultClientConnection(connection);
        config.setDefaultClientNamedGroups(NamedGroup.SECP256R1);
        config.setDefaultClientSupportedSignatureAndHashAlgorithms(SignatureAndHashAlgorithm.ECDSA_SHA256);
        config.setClientAuthentication(true);
        config.setReceiveFinalTcpSocketStateWithTimeout(true);
        CertificateDelegate identity = new CertificateDelegate();
        identity.setCertificate(pki.resolve(certificate + ".crt").toString());
        identity.setKey(pki.resolve(key + ".key").toString());
        identity.applyDelegate(config);
        return config;
    }

    private static Config with(Config config, Consumer<Config> change) {
        change.accept(config);
        return config;
    }

    private static void offerPsk(Config config) {
        config.setDefaultPskSets(List.of(new PskSet(
                new byte[32],
                new byte[32],
                "2026-01-01 00:00:00.000",
                new byte[4],
                new byte[1],
                CipherSuite.TLS_AES_128_GCM_SHA256)));
        config.setAddPSKKeyExchangeModesExtension(true);
        config.setAddPreSharedKeyExtension(true);
    }
}
