package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.Request.Close;
import io.openme.protocol.Request.Open;
import io.openme.protocol.Request.Renew;
import io.openme.protocol.Request.Status;
import io.openme.protocol.Request.Where;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

class RequestProperties {
    @Property
    void everyRequestIsReadBackFromItsLine(@ForAll("requests") Request request) throws Exception {
        assertThat(Request.parse(request.line())).isEqualTo(request);
        assertThat(request.line()).matches("[!-~ ]+");
    }

    @Property
    void anyTextIsReadOrRefusedAndNeverMisread(@ForAll @StringLength(max = 80) String text) {
        try {
            assertThat(Request.parse(Request.parse(text).line())).isEqualTo(Request.parse(text));
        } catch (MalformedLineException e) {
            assertThat(e.refusal()).isIn(Refusal.BAD_REQUEST, Refusal.UNSUPPORTED);
        }
    }

    @Property
    void aChangedLineIsReadOrRefusedAndNeverThrowsAnythingElse(
            @ForAll("requests") Request request, @ForAll int where, @ForAll char what) {
        StringBuilder line = new StringBuilder(request.line());
        line.setCharAt(Math.floorMod(where, line.length()), what);
        try {
            assertThat(Request.parse(line.toString()).line()).isNotEmpty();
        } catch (MalformedLineException e) {
            assertThat(e.refusal()).isIn(Refusal.BAD_REQUEST, Refusal.UNSUPPORTED);
        }
    }

    @Provide
    Arbitrary<Request> requests() {
        Arbitrary<Optional<InetAddress>> address = addresses().optional();
        Arbitrary<Set<String>> services = Arbitraries.strings()
                .withCharRange('a', 'z')
                .ofMinLength(1)
                .ofMaxLength(31)
                .set()
                .ofMaxSize(5);
        Arbitrary<Optional<Duration>> lifetime = Arbitraries.longs()
                .between(1, 999_999_999)
                .map(Duration::ofSeconds)
                .optional();
        Arbitrary<Optional<String>> client = Arbitraries.strings()
                .withCharRange('a', 'f')
                .numeric()
                .ofLength(64)
                .optional();
        Arbitrary<Where> where = Arbitraries.oneOf(
                Arbitraries.of(new Where.Here(), new Where.Everywhere()),
                addresses().map(Where.At::new));
        return Arbitraries.oneOf(
                Combinators.combine(address, services, lifetime, address).as(Open::new),
                Combinators.combine(address, services, lifetime).as(Renew::new),
                Combinators.combine(where, services, client)
                        .filter((w, s, c) -> c.isEmpty() || !(w instanceof Where.Here))
                        .as(Close::new),
                Arbitraries.of(true, false).map(Status::new));
    }

    private static Arbitrary<InetAddress> addresses() {
        return Arbitraries.bytes().array(byte[].class).ofSize(4).map(RequestProperties::address);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
