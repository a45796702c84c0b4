package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class IpLiteralProperties {
    @Property
    void readsBackEveryIpv4AddressThatItWrites(@ForAll @Size(4) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);
        assertThat(IpLiteral.parse(IpLiteral.format(address))).contains(address);
    }

    @Property
    void readsBackEveryIpv6AddressThatItWrites(@ForAll @Size(16) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);
        assertThat(IpLiteral.parse(IpLiteral.format(address))).contains(address);
        // The JDK writes a form without gaps.
        assertThat(IpLiteral.parse(address.getHostAddress())).contains(address);
    }

    @Property
    void whatItReadsTheJdkReadsAsTheSameAddress(
            @ForAll @StringLength(max = 24) @CharRange(from = '0', to = ':') @CharRange(from = 'a', to = 'f')
                    String text)
            throws UnknownHostException {
        var parsed = IpLiteral.parse(text);
        if (parsed.isPresent()) {
            assertThat(parsed).contains(InetAddress.getByName(text));
        }
    }

    @Property
    void noTextMakesItThrow(@ForAll String text) {
        assertThat(IpLiteral.parse(text)).isNotNull();
    }

    @Example
    void writesIpv6InTheCanonicalFormOfRfc5952() {
        assertThat(canonical("2001:0db8:0:0:0:0:2:1")).isEqualTo("2001:db8::2:1");
        assertThat(canonical("2001:db8:0:1:1:1:1:1")).isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(canonical("2001:0:0:1:0:0:0:1")).isEqualTo("2001:0:0:1::1");
        assertThat(canonical("2001:db8:0:0:1:0:0:1")).isEqualTo("2001:db8::1:0:0:1");
        assertThat(canonical("::")).isEqualTo("::");
        assertThat(canonical("::1")).isEqualTo("::1");
        assertThat(canonical("fe80::")).isEqualTo("fe80::");
        assertThat(canonical("64:ff9b::192.0.2.33")).isEqualTo("64:ff9b::c000:221");
    }

    @Example
    void takesAnIpv4MappedAddressAsTheIpv4AddressThatItIs() {
        assertThat(canonical("::ffff:203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @Example
    void refusesEverythingThatIsNoPlainAddress() {
        for (String text : new String[] {
            "",
            "localhost",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "01.2.3.4",
            "1.2.3.4 ",
            " 1.2.3.4",
            "1.2.3.4/32",
            "0x1.2.3.4",
            "16909060",
            "fe80::1%eth0",
            "::1%0",
            "[::1]",
            "1::2::3",
            ":::",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8:9",
            "12345::",
            "g::",
            "::1.2.3",
            "1.2.3.4::",
            "::1.2.3.4:5",
            "1:2:3:4:5:6:7:1.2.3.4",
            ":1",
            "1:",
            "\u0661.2.3.4",
            "1.2.3.4\n"
        }) {
            assertThat(IpLiteral.parse(text)).as(text).isEmpty();
        }
    }

    private static String canonical(String text) {
        return IpLiteral.format(IpLiteral.parse(text).orElseThrow());
    }
}
