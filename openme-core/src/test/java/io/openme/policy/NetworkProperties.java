package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.protocol.IpLiteral;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class NetworkProperties {
    @Property
    void holdsTheIpv4AddressesWithTheSameLeadingBits(
            @ForAll @Size(4) byte[] base,
            @ForAll @IntRange(max = 32) int prefix,
            @ForAll @IntRange(max = 31) int flipped)
            throws UnknownHostException {
        assertHoldsTheSameLeadingBits(base, prefix, flipped);
    }

    @Property
    void holdsTheIpv6AddressesWithTheSameLeadingBits(
            @ForAll @Size(16) byte[] base,
            @ForAll @IntRange(max = 128) int prefix,
            @ForAll @IntRange(max = 127) int flipped)
            throws UnknownHostException {
        base[0] |= 0x20; // Not IPv4-mapped.
        assertHoldsTheSameLeadingBits(base, prefix, flipped);
    }

    private static void assertHoldsTheSameLeadingBits(byte[] base, int prefix, int flipped)
            throws UnknownHostException {
        int bits = base.length * 8;
        BigInteger number = new BigInteger(1, base);
        BigInteger first = number.shiftRight(bits - prefix).shiftLeft(bits - prefix);
        Network network = new Network(address(first, base.length), prefix);

        assertThat(network.contains(InetAddress.getByAddress(base))).isTrue();
        assertThat(network.contains(address(number.flipBit(bits - 1 - flipped), base.length)))
                .isEqualTo(flipped >= prefix);
        assertThat(Network.parse(network.toString())).isEqualTo(network);
        if (!first.equals(number)) {
            InetAddress inside = InetAddress.getByAddress(base);
            assertThatThrownBy(() -> new Network(inside, prefix))
                    .hasMessageContaining("write " + network + " for the network, or " + IpLiteral.format(inside) + "/"
                            + bits + " for this address alone");
        }
    }

    @Example
    void keepsIpv4AndIpv6Apart() {
        assertThat(Network.parse("0.0.0.0/0").contains(of("2001:db8::1"))).isFalse();
        assertThat(Network.parse("::/0").contains(of("203.0.113.9"))).isFalse();
    }

    @Example
    void takesAnIpv4MappedNetworkAsTheIpv4NetworkThatItIs() throws UnknownHostException {
        assertThat(Network.parse("::ffff:203.0.113.0/120")).hasToString("203.0.113.0/24");
        assertThat(Network.parse("::ffff:0:0/96")).hasToString("0.0.0.0/0");
        assertThat(Network.parse("::ffff:203.0.113.9")).hasToString("203.0.113.9/32");
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 203, 0, 113, 9};
        InetAddress six = Inet6Address.getByAddress(null, mapped, -1);
        assertThat(six).isInstanceOf(Inet6Address.class);
        assertThat(Network.parse("203.0.113.0/24").contains(six)).isTrue();
        assertThat(new Network(six, 32)).isEqualTo(Network.parse("203.0.113.9"));
        assertThatThrownBy(() -> Network.parse("::ffff:0:0/95"))
                .hasMessage("\"::ffff:0:0/95\" is an IPv4 network and more; write the IPv4 network, such as 0.0.0.0/0");
    }

    @Example
    void takesNoNoticeOfAZone() throws UnknownHostException {
        byte[] local = of("fe80::1").getAddress();

        assertThat(Network.parse("fe80::/10").contains(Inet6Address.getByAddress(null, local, 3)))
                .isTrue();
    }

    @Example
    void oneAddressIsANetworkOfItsOwn() {
        assertThat(Network.parse("203.0.113.9")).isEqualTo(Network.parse("203.0.113.9/32"));
        assertThat(Network.parse("2001:db8::9")).hasToString("2001:db8::9/128");
    }

    @Example
    void refusesWhatIsNoNetwork() {
        for (String text : new String[] {
            "",
            "/",
            "/24",
            "203.0.113.0/",
            "203.0.113.0/-1",
            "203.0.113.0/024",
            "203.0.113.0/+8",
            "203.0.113/24",
            "localhost",
            "localhost/8",
            "203.0.113.0/24/8",
            "203.0.113.0/1000",
            "203.0.113.0/ 24",
            "203.0.113.*"
        }) {
            assertThatThrownBy(() -> Network.parse(text))
                    .as(text)
                    .hasMessage(
                            "\"" + text + "\" is no network; write it as 203.0.113.0/24, 2001:db8::/32 or 203.0.113.9");
        }
        assertThatThrownBy(() -> Network.parse("203.0.113.0/33"))
                .hasMessage("/33 is out of bounds after 203.0.113.0; it is /0 to /32");
        assertThatThrownBy(() -> Network.parse("2001:db8::/129"))
                .hasMessage("/129 is out of bounds after 2001:db8::; it is /0 to /128");
        assertThatThrownBy(() -> new Network(of("0.0.0.0"), -1)).hasMessageContaining("/-1 is out of bounds");
        assertThatThrownBy(() -> Network.parse("203.0.113.9/24"))
                .hasMessage("203.0.113.9/24 has bits set beyond its prefix; write 203.0.113.0/24 for the network, or"
                        + " 203.0.113.9/32 for this address alone");
    }

    private static InetAddress of(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }

    private static InetAddress address(BigInteger number, int length) throws UnknownHostException {
        byte[] digits = number.toByteArray();
        byte[] bytes = new byte[length];
        byte[] kept = Arrays.copyOfRange(digits, Math.max(0, digits.length - length), digits.length);
        System.arraycopy(kept, 0, bytes, length - kept.length, kept.length);
        return InetAddress.getByAddress(bytes);
    }
}
