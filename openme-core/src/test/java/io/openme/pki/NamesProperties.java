package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.tls.Purpose;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What an imported certificate may be called. */
class NamesProperties {
    @Property
    void labelsAreOneLineAndSurviveTheIndex(@ForAll String name, @ForAll boolean known) {
        String label = Names.label(name);
        Index index = new Index(
                BigInteger.TEN,
                List.of(new IssuedCertificate(
                        label,
                        known ? Optional.of(Purpose.SERVER) : Optional.empty(),
                        BigInteger.TWO,
                        Instant.EPOCH,
                        Optional.empty())));

        assertThat(label.chars()).noneMatch(Character::isISOControl);
        assertThat(label).isNotEmpty().hasSizeLessThanOrEqualTo(128);
        assertThat(Names.checkLabel(label)).isEqualTo(label);
        assertThat(Index.parse(new String(index.format(), StandardCharsets.UTF_8)))
                .isEqualTo(index);
    }

    @Property
    void filesHaveNamesThatAreSafeAnywhere(@ForAll String name) {
        assertThat(Names.checkIssued(Names.file(Names.label(name)))).hasSizeLessThanOrEqualTo(64);
    }
}
