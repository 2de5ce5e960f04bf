package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that cannot work says so before anything is touched: in a dry run as in earnest, in the same words. */
class RestorePlanTest {
    private static final RestoreTarget IN_PLACE = new RestoreTarget.InPlace();
    private static final RestoreTarget UNDO = new RestoreTarget.Undo();

    @TempDir
    Path directory;

    private Path dataDir;
    private Path scratch;
    private InMemoryBackup backup;
    private final List<TemporaryMount> mounts = new ArrayList<>();

    @BeforeEach
    void makeServerAndBackup() throws Exception {
        dataDir = directory.resolve("k3s");
        scratch = Files.createDirectory(directory.resolve("scratch"));
        KineDatabase.create(dataDir).close();
        Files.createDirectory(dataDir.resolve("server/tls"));
        backup = K3sBackups.of(dataDir);
    }

    @AfterEach
    void unmount() throws Exception {
        for (TemporaryMount mount : mounts) {
            mount.close();
        }
    }

    @Test
    void refusesATokenThatIsMounted() throws Exception {
        mountOnItself(KineDatabase.token(dataDir));

        assertRefused(backup, IN_PLACE, Kind.CONFIG, KineDatabase.token(dataDir) + "", "is mounted on its own");
    }

    @Test
    void refusesADatabaseThatIsMountedAlone() throws Exception {
        mountOnItself(KineDatabase.file(dataDir));

        assertRefused(backup, IN_PLACE, Kind.CONFIG, KineDatabase.file(dataDir) + "", "is mounted on its own");
    }

    @Test
    void refusesToMoveServerFilesThatAreMounted() throws Exception {
        Path tls = dataDir.resolve("server/tls");
        mountOnItself(tls);

        assertRefused(backup, IN_PLACE, ServerFiles.MOVE, Kind.CONFIG, tls + "", "is mounted on its own");
    }

    @Test
    void refusesADirectoryOnAReadOnlyFileSystem() throws Exception {
        Path server = dataDir.resolve("server");
        ScratchDirectory.deleteTree(server);
        mountOnItself(dataDir);
        mounts.get(0).makeReadOnly();

        assertRefused(backup, IN_PLACE, Kind.CONFIG, dataDir + "", "is mounted read-only");
        assertRefused(
                backup,
                new RestoreTarget.Place(dataDir.resolve("restored").toString()),
                Kind.CONFIG,
                dataDir + "",
                "is mounted read-only");
    }

    @Test
    void refusesADataDirectoryThatIsNotThere() throws Exception {
        ScratchDirectory.deleteTree(dataDir);

        assertRefused(backup, IN_PLACE, Kind.CONFIG, "k3s data directory " + dataDir, "does not exist");
    }

    @Test
    void refusesAPlaceWithoutParent() throws Exception {
        Path place = directory.resolve("no/where");

        assertRefused(
                backup,
                new RestoreTarget.Place(place.toString()),
                Kind.CONFIG,
                "directory " + place,
                "has no parent directory");
    }

    @Test
    void refusesWhereThereIsNoRoom() throws Exception {
        InMemoryBackup huge = backup.describedBy(withDatabaseOf(backup.manifest(), Long.MAX_VALUE / 2));
        Path place = directory.resolve("restored");

        assertRefused(huge, IN_PLACE, Kind.FAILED, "directory " + dataDir.resolve("server/db"), "bytes free, but");
        assertRefused(
                huge,
                new RestoreTarget.Place(place.toString()),
                Kind.FAILED,
                "directory " + directory,
                "bytes free, but");
    }

    @Test
    void refusesAnUndoOverAMount() throws Exception {
        restore(backup, IN_PLACE, ServerFiles.AUTO, Mode.EXECUTE);
        mountOnItself(KineDatabase.token(dataDir));

        assertRefused(
                InMemoryBackup.none(), UNDO, Kind.CONFIG, KineDatabase.token(dataDir) + "", "is mounted on its own");
    }

    @Test
    void refusesAnUndoWhoseDatabaseWentToAnotherFileSystem() throws Exception {
        restore(backup, IN_PLACE, ServerFiles.AUTO, Mode.EXECUTE);
        mountOnItself(dataDir.resolve("server/db"));

        assertRefused(InMemoryBackup.none(), UNDO, Kind.CONFIG, "db-before-restore-", "is not on the file system of");
    }

    private void mountOnItself(Path path) throws Exception {
        mounts.add(TemporaryMount.bind(path, path));
    }

    private static Manifest withDatabaseOf(Manifest manifest, long plainBytes) {
        return Manifest.builder(manifest.id(), manifest.sourceType())
                .formatVersion(manifest.formatVersion())
                .outcome(manifest.outcome())
                .source(manifest.source())
                .tool(manifest.tool())
                .startedAt(manifest.startedAt())
                .finishedAt(manifest.finishedAt())
                .items(manifest.items())
                .artifacts(manifest.artifacts().stream()
                        .map(artifact -> artifact.role().equals(BackupLayout.DATABASE_ROLE)
                                ? StoredArtifact.builder(artifact.item(), artifact.role(), artifact.key())
                                        .ordinal(artifact.ordinal())
                                        .codecs(artifact.codecs())
                                        .plainBytes(plainBytes)
                                        .storedBytes(artifact.storedBytes())
                                        .sha256(artifact.sha256())
                                        .facts(artifact.facts())
                                        .restoreHint(artifact.restoreHint())
                                        .build()
                                : artifact)
                        .toList())
                .build();
    }

    private void assertRefused(BackupReader from, RestoreTarget to, Kind kind, String target, String problem)
            throws Exception {
        assertRefused(from, to, ServerFiles.AUTO, kind, target, problem);
    }

    private void assertRefused(
            BackupReader from, RestoreTarget to, ServerFiles files, Kind kind, String target, String problem)
            throws Exception {
        SortedMap<String, String> before = FileTree.of(directory);
        for (Mode mode : Mode.values()) {
            assertThatThrownBy(() -> restore(from, to, files, mode))
                    .as(mode.name())
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.kind()).isEqualTo(kind);
                        assertThat(e.target()).contains(target);
                        assertThat(e.problem()).contains(problem).doesNotContain("java.");
                        assertThat(e.remedy()).isNotBlank();
                    });
            assertThat(FileTree.of(directory)).isEqualTo(before);
        }
    }

    private void restore(BackupReader from, RestoreTarget to, ServerFiles files, Mode mode) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            source.restore(
                    from,
                    new RestoreRequest(
                            to,
                            List.of(),
                            new K3sRestoreOptions(files, directory.resolve("host"), Unreadable.REFUSE),
                            Consent.GIVEN,
                            mode),
                    new TestRunContext());
        }
    }
}
