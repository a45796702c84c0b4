package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinTest {
    /** What openssl makes of it: x509 -pubkey -noout | pkey -pubin -outform der | sha256. */
    private static final String HEX = "38e0c4337a329774cd18097f084a8eb222d6a2ca6eaf150d81043d1be69aa68e";

    private static final String BASE64 = "OODEM3oyl3TNGAl/CEqOsiLWospurxUNgQQ9G+aapo4=";

    @Test
    void isTheOneThatOpensslComputes() {
        Pin pin = Pin.of(Identity.ofPem(EasyRsa.file("server.crt"), EasyRsa.file("server.key"))
                .chain()
                .get(0));

        assertThat(pin.sha256()).isEqualTo(HEX);
        assertThat(pin).hasToString("sha256/" + BASE64);
    }

    @Test
    void isReadInEachForm() {
        Pin pin = new Pin(HEX);

        assertThat(Pin.parse("sha256/" + BASE64)).isEqualTo(pin);
        assertThat(Pin.parse("sha256//" + BASE64)).isEqualTo(pin);
        assertThat(Pin.parse(HEX)).isEqualTo(pin);
        assertThat(Pin.parse(HEX.toUpperCase(Locale.ROOT).replaceAll("..(?=.)", "$0:")))
                .isEqualTo(pin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "sha256/", "sha256/AAAA", "sha1/" + BASE64, BASE64, "sha256/*", "sha256///" + BASE64, "abcd"
            })
    void isRefusedWhereItIsNone(String text) {
        assertThatThrownBy(() -> Pin.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no pin; a pin is sha256/");
    }
}
