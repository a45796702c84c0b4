package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.Client;
import io.openme.policy.ClientPattern.Kind;
import io.openme.policy.ClientPattern.Match;
import java.util.Locale;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPatternTest {
    private static final Client ALICE = Holder.named("alice");

    @Test
    void anyMeansEveryone() {
        assertThat(matches("any", ALICE)).isTrue();
        assertThat(matches("any", Holder.of(new X500Name("O=nameless")))).isTrue();
        assertThat(ClientPattern.any()).isEqualTo(ClientPattern.parse("any"));
    }

    @Test
    void aFingerprintMeansOneCertificateHoweverItIsWritten() {
        String digits = ALICE.fingerprint();
        String colons = digits.replaceAll("(..)(?=.)", "$1:").toUpperCase(Locale.ROOT);

        assertThat(matches("fingerprint=" + digits, ALICE)).isTrue();
        assertThat(matches("fingerprint=" + colons, ALICE)).isTrue();
        assertThat(matches("fingerprint=" + digits, Holder.named("alice"))).isFalse();
        assertThat(ClientPattern.parse("fingerprint=" + colons)).hasToString("fingerprint=" + digits);
    }

    @Test
    void aSerialMeansTheNumberAndItsIssuer() {
        for (String same : new String[] {
            "serial=CN=My CA,O=Example/1a2b",
            "serial=CN = my ca, O = EXAMPLE/1A:2B",
            "serial=cn=My  CA,o=Example/001a2b"
        }) {
            assertThat(matches(same, ALICE)).as(same).isTrue();
        }
        for (String other :
                new String[] {"serial=CN=My CA,O=Example/1a2c", "serial=CN=My CA/1a2b", "serial=O=Example,CN=My CA/1a2b"
                }) {
            assertThat(matches(other, ALICE)).as(other).isFalse();
        }
        assertThat(ClientPattern.parse("serial=CN=a/b/ff")).hasToString("serial=CN=a/b/ff");
        assertThat(ClientPattern.parse("serial=CN=a/0" + "f".repeat(63)).kind()).isEqualTo(Kind.SERIAL);
    }

    @Test
    void aCommonNameIsComparedLetterByLetter() {
        assertThat(matches("cn=alice", ALICE)).isTrue();
        assertThat(matches("cn=al*", ALICE)).isTrue();
        assertThat(matches("cn=*", ALICE)).isTrue();
        assertThat(matches("cn=Alice", ALICE)).isFalse();
        assertThat(matches("cn=lice", ALICE)).isFalse();
        assertThat(matches("cn=alice", Holder.named("alice\0"))).isFalse();
        assertThat(matches("cn=Smith, Alice", Holder.named("Smith, Alice"))).isTrue();
        assertThat(matches("cn=Łucja", Holder.named("Łucja"))).isTrue();
        assertThat(matches("cn=*", Holder.of(new X500Name("O=nameless")))).isFalse();
    }

    @Test
    void aCommonNameMayShareItsPlaceWithAnotherAttribute() {
        assertThat(matches("cn=alice", Holder.of(new X500Name("CN=alice+UID=7"))))
                .isTrue();
    }

    @Test
    void ofSeveralCommonNamesAllMustFit() {
        Client both = Holder.named("alice", "bob");

        assertThat(ClientPattern.parse("cn=alice").match(both)).isEqualTo(Match.UNCERTAIN);
        assertThat(ClientPattern.parse("cn=bob").match(both)).isEqualTo(Match.UNCERTAIN);
        assertThat(ClientPattern.parse("cn=*").match(both)).isEqualTo(Match.YES);
        assertThat(ClientPattern.parse("cn=carol").match(both)).isEqualTo(Match.NO);
    }

    @Test
    void aCommonNameThatCantBeReadFitsNothingAndLeavesTheOthersUncertain() {
        byte[] broken = {0x0c, 2, (byte) 0xc3, 0x28};
        X500Name alone = new X500NameBuilder()
                .addRDN(BCStyle.CN, new DERSequence(new DERUTF8String("alice")))
                .build();
        X500Name more = new X500NameBuilder()
                .addRDN(BCStyle.CN, new DERUTF8String("alice"))
                .addRDN(BCStyle.CN, new DERSequence(new DEROctetString(broken)))
                .build();

        assertThat(matches("cn=*", Holder.of(alone))).isFalse();
        assertThat(ClientPattern.parse("cn=alice").match(Holder.of(more))).isEqualTo(Match.UNCERTAIN);
    }

    @ParameterizedTest
    @CsvSource({
        "*.staff.example.org, a.staff.example.org, true",
        "*.staff.example.org, A.B.Staff.Example.ORG, true",
        "*.Staff.example.org, a.staff.example.org, true",
        "*.staff.example.org, staff.example.org, false",
        "a-z.example.org, A-Z.example.org, true",
        "*.staff.example.org, a.staff.example.org.evil.example, false",
        "a.example.org, *.example.org, false",
    })
    void aDnsNameIsComparedWithoutCase(String pattern, String name, boolean fits) {
        assertThat(matches("dns=" + pattern, Holder.alternative(GeneralName.dNSName, name)))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "alice@example.org, alice@EXAMPLE.org, true",
        "alice@Example.org, alice@example.org, true",
        "*@example.org, Bob@example.org, true",
        "*@*.example.org, bob@mail.example.org, true",
        "alice@example.org, Alice@example.org, false",
        "*@example.org, bob@mail.example.org, false",
        "*@example.org, bob@example.org@evil.example, false",
        "*@example.org, example.org, false",
    })
    void anEmailAddressIsComparedByItsPartsAndOnlyTheDomainWithoutCase(String pattern, String name, boolean fits) {
        assertThat(matches("email=" + pattern, Holder.alternative(GeneralName.rfc822Name, name)))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://example.org/staff/*, spiffe://example.org/staff/a/b, true",
        "spiffe://example.org/staff/*, spiffe://example.org/guest/a, false",
        "spiffe://example.org/Staff, spiffe://example.org/staff, false",
    })
    void aUriIsComparedLetterByLetter(String pattern, String name, boolean fits) {
        assertThat(matches("uri=" + pattern, Holder.alternative(GeneralName.uniformResourceIdentifier, name)))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24, 203.0.113.9, true",
        "203.0.113.0/24, 203.0.114.9, false",
        "2001:db8::/32, 2001:db8::9, true",
        "2001:db8::/32, 203.0.113.9, false",
    })
    void anAddressIsInANetwork(String pattern, String address, boolean fits) {
        assertThat(matches("ip=" + pattern, Holder.alternative(GeneralName.iPAddress, address)))
                .isEqualTo(fits);
    }

    @Test
    void eachKindLooksOnlyAtItsOwnNames() {
        Client host = Holder.of(new X500Name("CN=x"), new GeneralName(GeneralName.dNSName, "a.example.org"));

        assertThat(matches("dns=*", host)).isTrue();
        for (String other : new String[] {"email=*@*", "uri=*", "ip=0.0.0.0/0", "ip=::/0", "cn=a*"}) {
            assertThat(matches(other, host)).as(other).isFalse();
        }
        assertThat(matches("dns=*", ALICE)).isFalse();
    }

    @Test
    void ofSeveralAlternativeNamesOneIsEnough() {
        Client two = Holder.of(
                new X500Name("CN=x"),
                new GeneralName(GeneralName.dNSName, "a.example.org"),
                new GeneralName(GeneralName.rfc822Name, "a@example.org"),
                new GeneralName(GeneralName.dNSName, "b.example.org"));

        assertThat(matches("dns=b.*", two)).isTrue();
        assertThat(matches("email=a@*", two)).isTrue();
    }

    @Test
    void brokenAlternativeNamesFitNothingAndBreakNothing() {
        Client empty = Holder.odd(new DERSequence());
        Client none = Holder.odd(new DERUTF8String("no names"));
        Client shortAddress = Holder.odd(new DERSequence(
                new DERTaggedObject(false, GeneralName.iPAddress, new DEROctetString(new byte[] {1, 2, 3}))));
        Client directory =
                Holder.of(new X500Name("CN=x"), new GeneralName(new X500Name("CN=alice")), new GeneralName(8, "1.2.3"));

        for (Client each : new Client[] {empty, none, shortAddress, directory}) {
            for (String pattern : new String[] {"dns=*", "email=*@*", "uri=*", "ip=0.0.0.0/0", "ip=::/0"}) {
                assertThat(matches(pattern, each)).isFalse();
            }
            assertThat(matches("cn=x", each)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "any, ANY",
        "cn=alice, CN",
        "dns=*.example.org, DNS",
        "email=*@example.org, EMAIL",
        "uri=spiffe://x/*, URI",
        "ip=203.0.113.0/24, IP"
    })
    void isReadBackAsItIsWritten(String text, Kind kind) {
        ClientPattern read = ClientPattern.parse(text);

        assertThat(read).hasToString(text).isEqualTo(ClientPattern.parse(text)).hasSameHashCodeAs(text);
        assertThat(read.kind()).isEqualTo(kind);
        assertThat(read).isNotEqualTo(ClientPattern.parse("cn=other")).isNotEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "alice | \"alice\" is no pattern of a client; write any, fingerprint=3f2a..., serial=CN=My CA/1a2b, cn=alice,",
                "cm=alice | \"cm=alice\" is no pattern of a client; did you mean cn?",
                "CN=alice | \"CN=alice\" is no pattern of a client; did you mean cn?",
                "any=1 | \"any=1\" is no pattern; write any, or cn=alice without blanks around the value",
                "cn | \"cn\" is no pattern; write any, or cn=alice without",
                "cn= | \"cn=\" is no pattern; write any, or cn=alice without",
                "cn= alice | \"cn= alice\" is no pattern; write any, or cn=alice without blanks",
                "dns= | \"dns=\" is no pattern; write any, or dns=*.example.org without",
                "uri= | or uri=spiffe://example.org/* without",
                "ip= | or ip=203.0.113.0/24 without",
                "email= | or email=*@example.org without",
                "serial= | or serial=CN=My CA/1a2b without",
                "fingerprint=12 | \"12\" is no fingerprint; it is the SHA-256 of a certificate, 64 hexadecimal digits",
                "serial=1a2b | \"1a2b\" is no serial number with its issuer; write serial=CN=My CA/1a2b",
                "serial=/1a2b | \"/1a2b\" is no serial number with its issuer",
                "serial=CN=a/ | \"CN=a/\" is no serial number with its issuer",
                "serial=CN=a/xyz | \"CN=a/xyz\" is no serial number with its issuer",
                "serial=nonsense/1a | \"nonsense\" is no issuer; write it as openssl x509",
                "dns=bücher.example | \"bücher.example\" can't be in a certificate as dns; write it in ASCII",
                "dns=a b | \"a b\" can't be in a certificate as dns",
                "uri=a b | can't be in a certificate as uri",
                "email=a b@x | can't be in a certificate as email",
                "email=example.org | \"example.org\" is no e-mail address; write email=*@example.org for all of a domain",
                "email=@example.org | \"@example.org\" is no e-mail address",
                "email=alice@ | \"alice@\" is no e-mail address",
                "ip=*.0.113.9 | \"*.0.113.9\" is no network",
            })
    void saysWhatIsWrongAndTheWayOut(String text, String message) {
        assertThatThrownBy(() -> ClientPattern.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice ", "a\nb", "a\u0085b"})
    void takesNoCommonNameThatNobodyCanSee(String name) {
        assertThatThrownBy(() -> ClientPattern.parse("cn=" + name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isUpTo512CharactersLong() {
        assertThat(ClientPattern.parse("cn=" + "a".repeat(509)).kind()).isEqualTo(Kind.CN);
        assertThatThrownBy(() -> ClientPattern.parse("cn=" + "a".repeat(510)))
                .hasMessage("a pattern of 513 characters is too long; it takes up to 512");
    }

    private static boolean matches(String pattern, Client client) {
        Match match = ClientPattern.parse(pattern).match(client);
        assertThat(match).isNotEqualTo(Match.UNCERTAIN);
        return match == Match.YES;
    }
}
