package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRestoreTest {
    @TempDir
    Path directory;

    private final TestRunContext run = new TestRunContext();
    private InMemoryBackup backup;

    @BeforeEach
    void capture() throws Exception {
        InMemoryArtifacts written = new InMemoryArtifacts();
        List<ItemResult> items = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            Path file = Files.writeString(directory.resolve(name), "content of " + name);
            StoredArtifact stored = written.write(
                    Artifact.of(name, "file").withStem(name), out -> FileCapture.copy(file, out, name, run));
            items.add(ItemResult.done(name, stored.facts()));
        }
        backup = InMemoryBackup.of(written, new CaptureReport(items, java.util.Map.of()), run, "test");
    }

    private RestoreReport restore(Path target, RestoreRequest.Mode mode, String... items) throws Exception {
        RestoreRequest request = new RestoreRequest(
                new RestoreTarget.Place(target.toString()),
                List.of(items),
                new NoOptions(),
                RestoreRequest.Consent.NOT_GIVEN,
                mode);
        return FileRestore.restore(backup, request, StoredArtifact::item, run);
    }

    @Test
    void writesWhatIsAskedFor() throws Exception {
        Path target = directory.resolve("target");

        RestoreReport report = restore(target, RestoreRequest.Mode.EXECUTE, "b");

        assertThat(target.resolve("b")).hasContent("content of b");
        assertThat(target.resolve("a")).doesNotExist();
        assertThat(report.checks()).extracting(Check::status).containsExactly(Check.Status.PASSED);
        assertThat(report.steps()).containsExactly("write 1 file to " + target);
    }

    @Test
    void aDryRunWritesNothing() throws Exception {
        RestoreReport report = restore(directory.resolve("target"), RestoreRequest.Mode.DRY_RUN);

        assertThat(directory.resolve("target")).doesNotExist();
        assertThat(report.steps()).containsExactly("write 2 files to " + directory.resolve("target"));
    }

    @Test
    void anArtifactThatIsCutIsNoticed() throws Exception {
        backup = backup.cutShort(backup.manifest().artifacts().get(0));

        assertThat(FileRestore.verify(backup, run).checks())
                .extracting(Check::status)
                .containsExactly(Check.Status.FAILED, Check.Status.PASSED);
    }

    @Test
    void anArtifactThatCannotBeReadLeavesNothing() throws Exception {
        backup = backup.breaking(backup.manifest().artifacts().get(1));

        assertThatThrownBy(() -> restore(directory.resolve("target"), RestoreRequest.Mode.EXECUTE))
                .isInstanceOf(java.io.IOException.class);
        assertThat(directory.resolve("target")).doesNotExist();
    }

    @Test
    void anArtifactThatIsLongerThanItsManifestSaysIsReadNoFurther() throws Exception {
        holdLonger("b");

        assertThat(FileRestore.verify(backup, run).checks())
                .contains(Check.failed("size of b", "more than 12 bytes"))
                .extracting(Check::status)
                .containsExactly(Check.Status.PASSED, Check.Status.FAILED);
        assertThat(run.progress()).last().isEqualTo(new TestRunContext.Progress("b", 13, 12));
    }

    @Test
    void anArtifactThatIsLongerThanItsManifestSaysIsRefusedAndLeavesNothing() throws Exception {
        holdLonger("b");

        assertRefused("size of b: is more than 12 bytes");
    }

    @Test
    void anArtifactThatIsCutIsRefusedAndLeavesNothing() throws Exception {
        backup = backup.cutShort(backup.manifest().artifacts().get(0));

        assertRefused("size of a: is 6 bytes, not 12");
    }

    private void holdLonger(String item) {
        StoredArtifact artifact = backup.manifest().artifacts().stream()
                .filter(each -> each.item().equals(item))
                .findFirst()
                .orElseThrow();
        backup = backup.holding(artifact, new byte[1 << 20]).describedBy(backup.manifest());
    }

    private void assertRefused(String message) throws IOException {
        assertThatThrownBy(() -> restore(directory.resolve("target"), RestoreRequest.Mode.EXECUTE))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION))
                .hasMessageContaining(message);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(Path::getFileName)).map(Path::toString).containsExactlyInAnyOrder("a", "b");
        }
    }
}
