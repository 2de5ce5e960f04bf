package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.provider.k3s.K3sConfig.CheckDepth;
import cloud.lvs.backup.provider.k3s.K3sConfig.Method;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others write to the scratch directory's file system too: there was room when the run began. */
class FullScratchTest {
    private static final long ROOM = 24_000_000;

    @TempDir
    Path directory;

    @Test
    void namesTheDirectoryAndWhatIsFreeAndNeeded() throws Exception {
        Path dataDir = Files.createDirectory(directory.resolve("k3s"));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        RealisticKine.fill(dataDir, 12_000_000, 1);
        long needed = Datastore.detect(new DataDir(dataDir)).scratchBytes();
        K3sConfig config =
                new K3sConfig(dataDir, null, Method.SNAPSHOT_COPY, 200, Duration.ofMinutes(1), CheckDepth.AUTO, true);
        try (TemporaryMount mount = TemporaryMount.tmpfs(scratch, ROOM);
                K3sSource source = new K3sSource(config, new TestProviderContext(scratch))) {
            HookedRun hogging = new HookedRun(() -> fill(scratch.resolve("hog")));

            assertThatThrownBy(() -> source.capture(new InMemoryArtifacts(), hogging))
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.FAILED);
                        assertThat(e.target()).isEqualTo("directory " + scratch);
                        assertThat(e.problem())
                                .contains("became full")
                                .contains("bytes are free")
                                .contains("needs " + needed + " in all");
                        assertThat(e.remedy()).contains("another directory");
                    });
            Files.delete(scratch.resolve("hog"));
            assertThat(scratch).isEmptyDirectory();
        }
    }

    @Test
    void namesThemWhenARestoreRunsOutOfRoom() throws Exception {
        Path dataDir = Files.createDirectory(directory.resolve("k3s"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        RealisticKine.fill(dataDir, 12_000_000, 1);
        InMemoryBackup backup = K3sBackups.of(dataDir);
        RestoreRequest request = new RestoreRequest(
                new RestoreTarget.Place(target.resolve("restored").toString()),
                List.of(),
                K3sRestoreOptions.DEFAULTS,
                Consent.NOT_GIVEN,
                Mode.EXECUTE);
        try (TemporaryMount mount = TemporaryMount.tmpfs(target, ROOM);
                K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            HookedRun hogging = new HookedRun(() -> fill(target.resolve("hog")));

            assertThatThrownBy(() -> source.restore(backup, request, hogging))
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.target()).isEqualTo("directory " + target);
                        assertThat(e.problem()).contains("became full", "bytes are free", "in all");
                    });
            Files.delete(target.resolve("hog"));
            assertThat(target).isEmptyDirectory();
        }
    }

    /** A copy of a datastore that stays behind fills the disk and holds secrets. */
    @Test
    void warnsOfACopyThatCannotBeRemoved() throws Exception {
        Path dataDir = Files.createDirectory(directory.resolve("k3s"));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        KineDatabase.create(dataDir).close();
        InMemoryBackup backup = K3sBackups.of(dataDir);
        List<TemporaryMount> mounts = new ArrayList<>();
        HookedRun mounting = new HookedRun(() -> {
            if (mounts.isEmpty()) {
                mounts.add(mountInto(scratch));
            }
        });
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            assertThat(source.verify(backup, Level.CONTENT, mounting).passed()).isTrue();
        } finally {
            for (TemporaryMount mount : mounts) {
                mount.close();
            }
        }

        assertThat(mounting.warnings())
                .singleElement()
                .asString()
                .startsWith("Temporary directory " + mounts.get(0).at().getParent() + " could not be removed: ")
                .endsWith(" (remove it by hand)");
    }

    private static TemporaryMount mountInto(Path scratch) {
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(scratch)) {
            Path at = Files.createDirectory(copies.iterator().next().resolve("mount"));
            return TemporaryMount.tmpfs(at, 4096);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fill(Path hog) {
        try (OutputStream out = Files.newOutputStream(hog)) {
            byte[] block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // Full, as intended.
        }
    }
}
