package cloud.lvs.backup.provider.postgres.dump;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"shop", "cluster", "database:cluster", "database:", " ", "a b", "globals", "ü\n"})
    void aDatabaseIsFoundBehindItsItem(String name) {
        assertThat(ItemNames.databaseOf(ItemNames.ofDatabase(name))).isEqualTo(name);
        assertThat(ItemNames.ofDatabase(name)).isNotEqualTo(ItemNames.CLUSTER).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "shop, shop",
        "a-b_C9, a-b_C9",
        "-a, %2Da",
        "a.b, a%2Eb",
        "50%, 50%25",
        "a/b, a%2Fb",
        "ü, %C3%BC",
        "globals, %67lobals",
        "'a b', a%20b"
    })
    void aStemHoldsNothingThatMeansSomethingElsewhere(String name, String stem) {
        assertThat(ItemNames.stemOf(name)).isEqualTo(stem);
    }

    @Test
    void theLongestNameMakesAStemOfAllowedLength() {
        assertThat("pg-" + ItemNames.stemOf("ü".repeat(31) + "x") + ".post-data")
                .hasSizeLessThan(400);
    }
}
