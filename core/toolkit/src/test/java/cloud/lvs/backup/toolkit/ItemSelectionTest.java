package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ItemSelectionTest {
    private record None() {}

    private static Manifest manifest(String... items) throws Exception {
        InMemoryArtifacts written = new InMemoryArtifacts();
        List<ItemResult> results = new ArrayList<>();
        int ordinal = items.length;
        for (String item : items) {
            Artifact artifact = new Artifact(item, "dump", item, "", --ordinal, Sensitivity.ORDINARY, "");
            written.write(artifact, out -> {
                out.write(1);
                return Map.of();
            });
            results.add(ItemResult.done(item, Map.of()));
        }
        return InMemoryBackup.of(written, new CaptureReport(results, Map.of()), new TestRunContext(), "test")
                .manifest();
    }

    private static RestoreRequest request(String... items) {
        return new RestoreRequest(
                new RestoreTarget.Place("anywhere"),
                List.of(items),
                new None(),
                RestoreRequest.Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);
    }

    @Test
    void noNameMeansAllInTheOrderToRestoreIn() throws Exception {
        assertThat(ItemSelection.artifacts(manifest("last", "middle", "first"), request()))
                .extracting(StoredArtifact::item)
                .containsExactly("first", "middle", "last");
    }

    @Test
    void onlyWhatIsNamedIsChosen() throws Exception {
        assertThat(ItemSelection.artifacts(manifest("a", "b", "c"), request("c", "a")))
                .extracting(StoredArtifact::item)
                .containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void whatIsMissingIsToldWithWhatThereIs() throws Exception {
        Manifest manifest = manifest("a", "b");

        assertThatThrownBy(() -> ItemSelection.artifacts(manifest, request("a", "x")))
                .hasMessageContaining("item x")
                .hasMessageContaining("is not in this backup; there are a, b");
    }

    @Test
    void ofManyItemsSomeAreNamed() throws Exception {
        String[] many = new String[50];
        for (int i = 0; i < many.length; i++) {
            many[i] = "item" + i;
        }
        Manifest manifest = manifest(many);

        assertThatThrownBy(() -> ItemSelection.artifacts(manifest, request("x")))
                .hasMessageContaining("and 30 more");
    }

    @Test
    void aSourceMayTellItselfWhatThereIs() {
        assertThatCode(() -> ItemSelection.requirePresent(List.of("b", "a"), List.of("a", "b")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ItemSelection.requirePresent(List.of("a", "x"), List.of("a")))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CONFIG);
                    assertThat(e.target()).isEqualTo("item x");
                    assertThat(e.problem()).isEqualTo("is not in this backup; there is a");
                });
        assertThatThrownBy(() -> ItemSelection.requirePresent(List.of("x"), List.of()))
                .hasMessageContaining("there is none");
    }
}
