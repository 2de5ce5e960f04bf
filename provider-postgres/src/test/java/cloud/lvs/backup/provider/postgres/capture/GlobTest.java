package cloud.lvs.backup.provider.postgres.capture;

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
}
