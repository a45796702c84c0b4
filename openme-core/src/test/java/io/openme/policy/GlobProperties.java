package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class GlobProperties {
    @Property(tries = 5_000)
    void matchesWhatTheDefinitionSays(
            @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 8) String glob,
            @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 10) String text) {
        assertThat(new Glob(glob).matches(text)).as("%s on %s", glob, text).isEqualTo(naive(glob, text));
    }

    /** Texts that are nearly alike are where a search may skip too far. */
    @Property(tries = 5_000)
    void findsEachPartThatIsThere(
            @ForAll @Chars({'a', 'b'}) @StringLength(max = 6) String before,
            @ForAll @Chars({'a', 'b'}) @StringLength(max = 6) String part,
            @ForAll @Chars({'a', 'b'}) @StringLength(max = 6) String after) {
        assertThat(new Glob("*" + part + "*").matches(before + part + after)).isTrue();
        assertThat(new Glob("*" + part + "b*").matches(before + part + after))
                .isEqualTo((before + part + after).contains(part + "b"));
    }

    @Example
    void takesNoLongerForATextThatNearlyFitsEverywhere() {
        String nearly = "a".repeat(1 << 20);
        Glob glob = new Glob("*" + ("a".repeat(200) + "b*").repeat(2));

        assertThat(glob.matches(nearly)).isFalse();
        assertThat(glob.matches(nearly + "b" + nearly + "b")).isTrue();
    }

    private static boolean naive(String glob, String text) {
        if (glob.isEmpty()) {
            return text.isEmpty();
        }
        if (glob.charAt(0) == '*') {
            return naive(glob.substring(1), text) || (!text.isEmpty() && naive(glob, text.substring(1)));
        }
        return !text.isEmpty() && text.charAt(0) == glob.charAt(0) && naive(glob.substring(1), text.substring(1));
    }
}
