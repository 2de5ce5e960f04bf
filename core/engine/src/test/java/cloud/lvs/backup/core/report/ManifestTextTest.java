package cloud.lvs.backup.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTextTest {
    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00.987654321Z");

    private static String show(Map<String, String> facts, String hint, String warning) {
        BackupId id = new BackupId("k3s", Instant.parse("2026-11-22T03:00:00Z"), new RunId("k7f3q2xw"));
        StoredArtifact artifact = StoredArtifact.builder(
                        "datastore", "k3s-sqlite", new ObjectKey("2026/11/k3s-sqlite.db"))
                .plainBytes(10)
                .storedBytes(10)
                .sha256("0".repeat(64))
                .restoreHint(hint)
                .build();
        Manifest manifest = Manifest.builder(id, "k3s")
                .outcome(Outcome.WARNED)
                .source(Map.of("dataDir", "/srv/k3s"))
                .tool(Map.of("lvs-backup", "1"))
                .startedAt(NOW)
                .finishedAt(NOW)
                .items(List.of(ItemResult.done("datastore", facts)))
                .artifacts(List.of(artifact))
                .warnings(List.of(warning))
                .build();
        return ManifestText.of(manifest, Optional.of(new Note("upgrade\nto 1.36", "node-1/4711", NOW)));
    }

    @Test
    void everyFactHasALineOfReadableWidth() {
        String shown = show(
                Map.of("maxId", "141153", "sizes", "one two three ".repeat(30).strip()),
                "cat x > state.db",
                "it is slow");

        assertThat(shown)
                .contains("\n  maxId                141153\n")
                .contains("\n  sizes                one two three ")
                .contains("\n                       ")
                .contains("\nfinished  2026-11-22T03:00:00Z\n")
                .contains("\nwarning   it is slow\n");
        assertThat(shown.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(110));
    }

    @Test
    void aCommandToPasteIsOneLine() {
        String shown = show(Map.of(), "cat x > state.db\nrm -rf /\u001b[2K", "a\u2028b");

        assertThat(shown)
                .endsWith("\nby hand:\n  cat x > state.db\\u000arm -rf /\\u001b[2K\n")
                .contains("\nheld      since 2026-11-22T03:00:00Z by node-1/4711: upgrade\\u000ato 1.36\n")
                .contains("a\\u2028b");
    }
}
