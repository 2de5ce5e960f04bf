package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GlobTest {
    @Test
    void globsMatchWholeNamesWithEveryOtherCharacterAsItIs() {
        assertThat(Glob.of("a*").matches("a\nb")).isTrue();
        assertThat(Glob.of("a?c").matches("a😀c")).isTrue();
        assertThat(Glob.of("a?c").matches("abbc")).isFalse();
        assertThat(Glob.of("(x)|.*").matches("(x)|.b")).isTrue();
        assertThat(Glob.of("(x)|.*").matches("b")).isFalse();
        assertThat(Glob.of("a\\*").matches("a*")).isTrue();
        assertThat(Glob.of("a\\*").matches("ab")).isFalse();
    }

    @Test
    void meansItsTextAloneWithoutWildcards() {
        assertThat(Glob.of("a.b").isLiteral()).isTrue();
        assertThat(Glob.of("a.b").matches("axb")).isFalse();
        assertThat(Glob.of("a\\*").isLiteral()).isFalse();
        assertThat(Glob.of("a?").isLiteral()).isFalse();
    }

    @Test
    void takesManyStarsForOne() {
        assertThat(Glob.of("*".repeat(60) + "b").matches("a".repeat(5000))).isFalse();
    }
}
