package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.Size;

class PinProperties {
    @Property
    void readsBackEveryPinThatItWrites(@ForAll @Size(32) byte[] digest) {
        readsBack(digest);
    }

    @Property(tries = 100)
    void readsBackAPinWhoseBase64BeginsWithASlash(
            @ForAll @ByteRange(min = -4, max = -1) byte first, @ForAll @Size(32) byte[] digest) {
        digest[0] = first;
        readsBack(digest);
    }

    private static void readsBack(byte[] digest) {
        Pin pin = new Pin(HexFormat.of().formatHex(digest));
        String base64 = Base64.getEncoder().encodeToString(digest);

        assertThat(Pin.parse(pin.toString())).isEqualTo(pin);
        assertThat(Pin.parse("sha256//" + base64)).isEqualTo(pin);
        assertThat(Pin.parse("sha256/" + base64.replace("=", ""))).isEqualTo(pin);
    }
}
