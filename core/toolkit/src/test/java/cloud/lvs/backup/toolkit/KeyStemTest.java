package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.Sensitivity;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyStemTest {
    @ParameterizedTest
    @CsvSource({
        "shop_1,shop_1",
        "a.b-c,a.b-c",
        "-x,%2Dx",
        ".x,%2Ex",
        "a/b,a%2Fb",
        "100%,100%25",
        "ä,%C3%A4",
        "it's,it%27s"
    })
    void namesStayReadable(String name, String stem) {
        assertThat(KeyStem.of(name)).isEqualTo(stem);
    }

    @Test
    void anyNameMakesAStemOfItsOwn() {
        Random random = new Random(7);
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            StringBuilder name = new StringBuilder();
            int length = 1 + random.nextInt(i % 10 == 0 ? 400 : 6);
            for (int j = 0; j < length; j++) {
                name.appendCodePoint(
                        random.nextInt(4) == 0 ? random.nextInt(0xD800) : ".-_+%aZ/".charAt(random.nextInt(8)));
            }
            String stem = KeyStem.of(name.toString());
            String other = names.put(stem, name.toString());

            assertThat(other == null || other.contentEquals(name)).as(stem).isTrue();
            new Artifact("item", "role", stem, "", 0, Sensitivity.ORDINARY, "");
        }
    }

    @Test
    void longNamesThatBeginAlikeStayApart() {
        assertThat(KeyStem.of("x".repeat(400) + "1")).isNotEqualTo(KeyStem.of("x".repeat(400) + "2"));
    }

    @Test
    void anEmptyNameHasNone() {
        assertThatThrownBy(() -> KeyStem.of("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDigestIsTheOneOfSha256sum() {
        assertThat(KeyStem.sha256("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
