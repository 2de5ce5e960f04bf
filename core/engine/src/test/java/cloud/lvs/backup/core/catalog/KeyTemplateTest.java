package cloud.lvs.backup.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Sensitivity;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTemplateTest {
    private static final BackupId ID =
            new BackupId("k3s", Instant.parse("2026-11-22T03:00:00Z"), new RunId("k7f3q2xw"));

    private static Artifact artifact(String stem, String extension) {
        return new Artifact("item", "role", stem, extension, 0, Sensitivity.ORDINARY, "");
    }

    @Test
    void theDefaultIsTheLayoutOfTheReplacedJobsMadeUnique() {
        assertThat(KeyTemplate.DEFAULT.keyOf(ID, artifact("k3s-sqlite", ".db"), ".zst.age"))
                .isEqualTo(new ObjectKey("2026/11/k3s-sqlite-20261122T030000Z-k7f3q2xw.db.zst.age"));
    }

    @Test
    void everyPlaceholderIsOfTheRunsTimestampInUtc() {
        KeyTemplate template = new KeyTemplate("{job}/{yyyy}-{MM}-{dd}/{timestamp}/{artifact}-{run}{ext}");
        BackupId lateOnNewYearsEve = new BackupId("pg", Instant.parse("2026-12-31T23:59:59.999Z"), new RunId("aaaa"));

        assertThat(template.keyOf(lateOnNewYearsEve, artifact("shop", ""), "").value())
                .isEqualTo("pg/2026-12-31/20261231T235959Z/shop-aaaa");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{artifact}{ext}",
                "{run}{ext}",
                "{artifact}-{run}",
                "{ext}{artifact}{run}",
                "{artifact}-{run}-{month}{ext}",
                "/{artifact}-{run}{ext}",
                "../{artifact}-{run}{ext}",
                "a//{artifact}-{run}{ext}",
                ".lvs-backup/{artifact}-{run}{ext}"
            })
    void aTemplateThatCouldLoseAnObjectIsRefused(String template) {
        assertThatThrownBy(() -> new KeyTemplate(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(template);
    }

    /** Whatever the template: distinct artifacts, runs and extensions never share a key, and each key names its run. */
    @Test
    void noTwoArtifactsShareAKey() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> parts = List.of("{yyyy}", "{MM}", "{dd}", "{job}", "{timestamp}", "x", "/y", "-", "_z");
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder("p");
            for (int i = random.nextInt(5); i > 0; i--) {
                text.append(parts.get(random.nextInt(parts.size())));
            }
            KeyTemplate template = new KeyTemplate(text + "/{artifact}-{run}{ext}");
            Set<ObjectKey> keys = new HashSet<>();
            int expected = 0;
            for (int run = 0; run < 4; run++) {
                BackupId id = new BackupId(
                        "job", Instant.ofEpochSecond(1_700_000_000L + random.nextInt(3)), new RunId("run" + run));
                for (String stem : List.of("a", "b", "a-b", "a.b", "%2F", "a_b")) {
                    for (String extension : List.of("", ".db", ".sql")) {
                        ObjectKey key = template.keyOf(id, artifact(stem, extension), ".zst");
                        assertThat(key.value())
                                .as("seed %d, template %s", seed, template)
                                .contains(id.run().value());
                        keys.add(key);
                        expected++;
                    }
                }
            }
            assertThat(keys).as("seed %d, template %s", seed, template).hasSize(expected);
        }
    }
}
