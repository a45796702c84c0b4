package io.openme.conformance;

import de.rub.nds.modifiablevariable.util.Modifiable;
import de.rub.nds.tlsattacker.core.config.Config;
import de.rub.nds.tlsattacker.core.constants.CompressionMethod;
import de.rub.nds.tlsattacker.core.protocol.ProtocolMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ApplicationMessage;
import de.rub.nds.tlsattacker.core.protocol.message.CertificateMessage;
import de.rub.nds.tlsattacker.core.protocol.message.CertificateVerifyMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ChangeCipherSpecMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ClientHelloMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ECDHClientKeyExchangeMessage;
import de.rub.nds.tlsattacker.core.protocol.message.FinishedMessage;
import de.rub.nds.tlsattacker.core.protocol.message.ServerHelloDoneMessage;
import de.rub.nds.tlsattacker.core.protocol.message.extension.SupportedVersionsExtensionMessage;
import de.rub.nds.tlsattacker.core.record.Record;
import de.rub.nds.tlsattacker.core.workflow.action.DeactivateEncryptionAction;
import de.rub.nds.tlsattacker.core.workflow.action.ReceiveTillAction;
import de.rub.nds.tlsattacker.core.workflow.action.SendAction;
import de.rub.nds.tlsattacker.core.workflow.action.TlsAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a client of {@link TlsDeviations} sends, and what it waits for meanwhile. */
final class Flights {

    private static final byte[] KNOCK = "OPENME\n".getBytes(StandardCharsets.US_ASCII);

    private Flights() {}

    static Function<Config, List<TlsAction>> knock(ProtocolMessage... flight) {
        return config -> join(
                hello(config),
                flight.length == 0 ? new TlsAction[] {send(openme())} : new TlsAction[] {send(flight), send(openme())});
    }

    static List<TlsAction> goodKnock(Config config) {
        return join(handshake(config), send(openme()));
    }

    static List<TlsAction> handshake(Config config) {
        return join(hello(config), send(certificate(), verify(), finished()));
    }

    static List<TlsAction> hello(Config config) {
        return List.of(send(new ClientHelloMessage(config)), new ReceiveTillAction(finished()));
    }

    static List<TlsAction> twice(Config config) {
        ClientHelloMessage hello = new ClientHelloMessage(config);
        hello.addExtension(new SupportedVersionsExtensionMessage());
        return List.of(send(hello), new ReceiveTillAction(finished()));
    }

    static List<TlsAction> compressed(Config config) {
        ClientHelloMessage hello = new ClientHelloMessage(config);
        hello.setCompressions(Modifiable.explicit(new byte[] {CompressionMethod.DEFLATE.getValue()}));
        return List.of(send(hello), new ReceiveTillAction(finished()));
    }

    static Function<Config, List<TlsAction>> knock12(ProtocolMessage... flight) {
        return config -> join(hello12(config), send(flight), new ReceiveTillAction(finished()), send(openme()));
    }

    static List<TlsAction> hello12(Config config) {
        return List.of(send(new ClientHelloMessage(config)), new ReceiveTillAction(new ServerHelloDoneMessage()));
    }

    static List<TlsAction> join(List<TlsAction> first, TlsAction... then) {
        List<TlsAction> all = new ArrayList<>(first);
        all.addAll(List.of(then));
        return all;
    }

    static TlsAction send(ProtocolMessage... messages) {
        return new SendAction(messages);
    }

    static TlsAction inClear() {
        return new DeactivateEncryptionAction();
    }

    /** One record, of the type of this message, with so many bytes in place of it. */
    static TlsAction record(ProtocolMessage message, int length) {
        message.setCompleteResultingMessage(Modifiable.explicit(new byte[length]));
        return send(new Record(length), apart(message));
    }

    static TlsAction recordOfNoType() {
        Record record = new Record();
        record.setContentType(Modifiable.explicit((byte) 99));
        return send(record, openme());
    }

    static TlsAction send(Record record, ProtocolMessage message) {
        SendAction action = new SendAction(message);
        action.setConfiguredRecords(record);
        return action;
    }

    /** A message that TLS-Attacker sends and then forgets: its keys stay those of the handshake that it is put into. */
    static <M extends ProtocolMessage> M apart(M message) {
        message.setAdjustContext(Modifiable.explicit(false));
        return message;
    }

    static ApplicationMessage openme() {
        return new ApplicationMessage(KNOCK);
    }

    static CertificateMessage certificate() {
        return new CertificateMessage();
    }

    static CertificateMessage emptyCertificate() {
        CertificateMessage message = new CertificateMessage();
        message.setCertificatesListBytes(Modifiable.explicit(new byte[0]));
        return message;
    }

    static CertificateVerifyMessage verify() {
        return new CertificateVerifyMessage();
    }

    static CertificateVerifyMessage spoiltVerify() {
        CertificateVerifyMessage message = new CertificateVerifyMessage();
        message.setSignature(Modifiable.xor(new byte[] {1}, 20));
        return message;
    }

    static FinishedMessage finished() {
        return new FinishedMessage();
    }

    static FinishedMessage spoiltFinished() {
        FinishedMessage message = new FinishedMessage();
        message.setVerifyData(Modifiable.xor(new byte[] {1}, 5));
        return message;
    }

    static ECDHClientKeyExchangeMessage keyExchange() {
        return new ECDHClientKeyExchangeMessage();
    }

    static ChangeCipherSpecMessage changeCipherSpec() {
        return new ChangeCipherSpecMessage();
    }
}
