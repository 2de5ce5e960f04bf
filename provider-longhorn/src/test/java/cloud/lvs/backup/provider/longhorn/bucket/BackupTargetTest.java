package cloud.lvs.backup.provider.longhorn.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.provider.longhorn.bucket.StoredVolumeBackup.State;
import cloud.lvs.backup.provider.longhorn.stores.RealStores;
import cloud.lvs.backup.provider.longhorn.stores.RealStores.Told;
import cloud.lvs.backup.spi.BackupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What real stores hold is read as the library that wrote them tells it. */
class BackupTargetTest {
    @TempDir
    static Path directory;

    private static RealStores stores;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        stores = RealStores.in(directory);
    }

    private static BackupTarget target(String version) {
        return new BackupTarget(new DirectorySink(stores.root(version)));
    }

    @Test
    void listsEveryVolume() throws Exception {
        assertThat(target("1.5.5").volumes()).containsExactly("pvc-none", "pvc-gzip", "pvc-crash", "pvc-lz4");
        assertThat(target("1.6.4").volumes()).containsExactly("pvc-lz4");
    }

    @Test
    void listsNothingInATargetThatHoldsNothing(@TempDir Path empty) throws Exception {
        assertThat(new BackupTarget(new DirectorySink(empty)).volumes()).isEmpty();
    }

    @Test
    void aFolderThatIsNotNamedByTheHashOfItsVolumeIsNoVolume(@TempDir Path root) throws Exception {
        Path folder = Files.createDirectories(root.resolve("backupstore/volumes/00/00/pvc-lz4"));
        Files.writeString(folder.resolve("volume.cfg"), "{}");

        assertThat(new BackupTarget(new DirectorySink(root)).volumes()).isEmpty();
    }

    @Test
    void tellsOfEachBackupWhatItsWriterTells() throws Exception {
        assertThat(stores.told()).hasSize(20);
        for (Told told : stores.told()) {
            StoredVolumeBackup found = target(told.version()).backups(told.volume()).stream()
                    .filter(backup -> backup.name().equals(told.name()))
                    .findFirst()
                    .orElseThrow();
            BackupConfiguration configuration = Objects.requireNonNull(found.configuration());
            assertThat(configuration.compression().text()).as(told.toString()).isEqualTo(told.compression());
            assertThat(configuration.blockSizeBytes()).isEqualTo(told.blockSizeBytes());
            if (told.state().equals("complete")) {
                assertThat(found.state()).as(told.toString()).isEqualTo(State.COMPLETE);
                assertThat(configuration.blockCount()).isEqualTo(told.blocks());
                assertThat(configuration.snapshotCreatedAt()).isNotNull();
                assertThat(configuration.labels()).containsKey("KubernetesStatus");
            } else {
                assertThat(found.state()).as(told.toString()).isEqualTo(State.IN_PROGRESS);
                assertThat(found.reason()).isEqualTo("Longhorn has not finished it");
            }
            assertThat(target(told.version()).volume(told.volume()).sizeBytes()).isEqualTo(told.sizeBytes());
        }
    }

    @Test
    void readsTheTextsThatVolumeCfgQuotesTwice() throws Exception {
        VolumeConfiguration volume = target("1.5.5").volume("pvc-gzip");

        assertThat(volume.storageClassName()).isEqualTo("longhorn");
        assertThat(volume.dataEngine()).isEqualTo("v1");
        assertThat(volume.backingImageName()).isEmpty();
        assertThat(volume.lastBackupName()).isEqualTo("pvc-gzip-b4");
    }

    @Test
    void anImageOfEachCompleteBackupHasTheBytesThatItsWriterTells(@TempDir Path images) throws Exception {
        List<Told> complete = stores.told().stream()
                .filter(told -> told.state().equals("complete"))
                .toList();
        assertThat(complete).hasSize(16);
        for (Told told : complete) {
            Path image = images.resolve(told.version() + "-" + told.name() + ".img");

            new VolumeImage(target(told.version())).write(told.volume(), told.name(), image, new TestRunContext());

            assertThat(image).as(told.toString()).hasSize(told.sizeBytes());
            assertThat(sha256(image)).as(told.toString()).isEqualTo(told.sha256());
        }
    }

    @Test
    void anImageKeepsItsHoles(@TempDir Path images) throws Exception {
        Path image = images.resolve("pvc-lz4.img");

        new VolumeImage(target("1.6.4")).write("pvc-lz4", "pvc-lz4-b1", image, new TestRunContext());

        long allocated = ((Number) Files.getAttribute(image, "unix:size")).longValue();
        assertThat(allocated).isEqualTo(32L << 20);
        Process du = new ProcessBuilder("du", "--block-size=1", image.toString()).start();
        String used = new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                .split("\\s")[0];
        assertThat(Long.parseLong(used)).as("five blocks of 2 MiB").isLessThanOrEqualTo(11L << 20);
    }

    @Test
    void aBackupInProgressGivesNoImage(@TempDir Path images) throws Exception {
        Path image = images.resolve("pvc-lz4.img");

        assertThatThrownBy(() ->
                        new VolumeImage(target("1.6.4")).write("pvc-lz4", "pvc-lz4-b5", image, new TestRunContext()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("backup pvc-lz4-b5 of volume pvc-lz4")
                .hasMessageContaining("has not finished");
        assertThat(images).isEmptyDirectory();
    }

    @Test
    void anImageNeverReplacesAFile(@TempDir Path images) throws Exception {
        Path image = Files.writeString(images.resolve("pvc-lz4.img"), "precious");

        assertThatThrownBy(() ->
                        new VolumeImage(target("1.6.4")).write("pvc-lz4", "pvc-lz4-b1", image, new TestRunContext()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("exists");
        assertThat(image).hasContent("precious");
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
