package cloud.lvs.backup.examples.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesSourceTest {
    @TempDir
    Path directory;

    private final TestRunContext run = new TestRunContext();
    private final InMemoryArtifacts written = new InMemoryArtifacts();

    @BeforeEach
    void fill() throws Exception {
        Files.writeString(directory.resolve("a.conf"), "a");
        Files.writeString(directory.resolve("b.log"), "b");
        Files.createSymbolicLink(directory.resolve("c.conf"), directory.resolve("a.conf"));
    }

    @Test
    void saysOfEachFileWhyItIsLeftOut() throws Exception {
        List<Item> items = source("*.conf").inventory(run);

        assertThat(items)
                .extracting(Item::id, Item::state, Item::reason)
                .containsExactly(
                        tuple("a.conf", Item.State.SELECTED, ""),
                        tuple("b.log", Item.State.EXCLUDED, "does not match include"),
                        tuple("c.conf", Item.State.EXCLUDED, "is not a regular file"));
    }

    @Test
    void aFileThatGrowsWhileItIsReadFailsAndTheOthersAreKept() throws Exception {
        Path growing = directory.resolve("a.conf");
        InMemoryArtifacts meddling = new InMemoryArtifacts(() -> {
            try {
                Files.writeString(growing, "grown");
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });

        CaptureReport report = source("*").capture(meddling, run);

        assertThat(report.items())
                .extracting(ItemResult::item, ItemResult::status, ItemResult::reason)
                .containsExactly(
                        tuple(
                                "a.conf",
                                ItemResult.Status.FAILED,
                                "file " + growing + ": cannot be backed up: it changed while it was read"),
                        tuple("b.log", ItemResult.Status.DONE, ""),
                        tuple("c.conf", ItemResult.Status.SKIPPED, "is not a regular file"));
    }

    @Test
    void namesStayReadableInKeysAndSafeInTheShell() throws Exception {
        Files.writeString(directory.resolve("-it's 100%"), "x");

        source("-*").capture(written, run);

        assertThat(written.artifacts())
                .extracting(Artifact::stem, Artifact::restoreTail)
                .containsExactly(tuple("%2Dit%27s%20100%25", "> '-it'\\''s 100%'"));
    }

    @Test
    void preflightNamesAMissingDirectory() {
        FilesSource source = new FilesSource(new FilesConfig(directory.resolve("nowhere"), "*"));

        assertThat(source.preflight(run))
                .extracting(Finding::severity, Finding::target)
                .containsExactly(tuple(Finding.Severity.ERROR, "directory " + directory.resolve("nowhere")));
    }

    @Test
    void aManifestCannotMakeItWriteElsewhere() throws Exception {
        InMemoryBackup backup = InMemoryBackup.of(written, source("a*").capture(written, run), run, "files");
        StoredArtifact honest = backup.manifest().artifacts().get(0);
        Path target = directory.resolve("restored");
        for (String hostile : List.of("../evil", "/etc/evil", "..", "sub/evil")) {
            Manifest forged = withItem(backup.manifest(), honest, hostile);

            BackupException failure = catchThrowableOfType(
                    BackupException.class,
                    () -> source("*")
                            .restore(
                                    backup.describedBy(forged),
                                    new RestoreRequest(
                                            new RestoreTarget.Place(target.toString()),
                                            List.of(),
                                            new NoOptions(),
                                            RestoreRequest.Consent.NOT_GIVEN,
                                            RestoreRequest.Mode.EXECUTE),
                                    run));

            assertThat(failure.kind()).as(hostile).isEqualTo(Kind.VERIFICATION);
            assertThat(directory.resolve("evil")).doesNotExist();
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void refusesAPatternThatIsNotOne() {
        assertThatThrownBy(() -> new FilesConfig(directory, "[a-")).hasMessageContaining("include '[a-' is not a glob");
    }

    private FilesSource source(String include) {
        return new FilesSource(new FilesConfig(directory, include));
    }

    private static Manifest withItem(Manifest manifest, StoredArtifact artifact, String item) {
        StoredArtifact forged = StoredArtifact.builder(item, artifact.role(), artifact.key())
                .ordinal(artifact.ordinal())
                .codecs(artifact.codecs())
                .plainBytes(artifact.plainBytes())
                .storedBytes(artifact.storedBytes())
                .sha256(artifact.sha256())
                .facts(artifact.facts())
                .restoreHint(artifact.restoreHint())
                .build();
        return Manifest.builder(manifest.id(), manifest.sourceType())
                .formatVersion(manifest.formatVersion())
                .outcome(manifest.outcome())
                .shard(manifest.shard())
                .origin(manifest.origin())
                .source(manifest.source())
                .tool(manifest.tool())
                .startedAt(manifest.startedAt())
                .finishedAt(manifest.finishedAt())
                .items(List.of(ItemResult.done(item, artifact.facts())))
                .artifacts(List.of(forged))
                .external(manifest.external())
                .warnings(manifest.warnings())
                .build();
    }
}
