package cloud.lvs.backup.provider.longhorn.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.provider.longhorn.bucket.BackupVerifier.Extent;
import cloud.lvs.backup.provider.longhorn.stores.RealStores;
import cloud.lvs.backup.provider.longhorn.stores.RealStores.Told;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is damage and what is none, on a real store that is damaged in one point. */
class BackupVerifierTest {
    private static final String VOLUME = "pvc-gzip";
    private static final String BACKUP = "pvc-gzip-b1";

    @TempDir
    Path directory;

    private RealStores stores;
    private Path root;

    @BeforeEach
    void unpack() throws IOException, InterruptedException {
        stores = RealStores.in(directory);
        root = stores.root("1.5.5");
    }

    private List<Check> verify(String volume, String backup) throws Exception {
        return new BackupVerifier(new BackupTarget(new DirectorySink(root)), new Random(1))
                .verify(volume, backup, Extent.EVERY_BLOCK, new TestRunContext());
    }

    private List<String> failures() throws Exception {
        return verify(VOLUME, BACKUP).stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(Check::detail)
                .toList();
    }

    private Path configuration() {
        return root.resolve(TargetKeys.backupConfiguration(VOLUME, BACKUP).value());
    }

    /** The block at the beginning of the volume. */
    private Path block() throws IOException {
        String text = Files.readString(configuration());
        int at = text.indexOf("\"BlockChecksum\":\"") + "\"BlockChecksum\":\"".length();
        return root.resolve(
                TargetKeys.block(VOLUME, text.substring(at, at + 64)).value());
    }

    private void edit(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    @Test
    void everyCompleteBackupOfARealStorePasses() throws Exception {
        for (Told told : stores.told()) {
            root = stores.root(told.version());
            List<Check> checks = verify(told.volume(), told.name());
            if (told.state().equals("complete")) {
                assertThat(checks)
                        .as(told.toString())
                        .hasSize(4)
                        .allSatisfy(check -> assertThat(check.status()).isEqualTo(Check.Status.PASSED));
            } else {
                assertThat(checks)
                        .as(told.toString())
                        .anySatisfy(check -> assertThat(check.detail()).contains("has not finished"));
            }
        }
    }

    @Test
    void aMissingBlockIsNamedWithVolumeAndBackup() throws Exception {
        Path block = block();
        Files.delete(block);

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure)
                        .contains("volume pvc-gzip", "backup pvc-gzip-b1", "is missing")
                        .contains(block.getFileName().toString().substring(0, 8)));
    }

    @Test
    void anEmptyBlockIsDamage() throws Exception {
        Files.write(block(), new byte[0]);

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("is empty"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pvc-gzip", "pvc-lz4", "pvc-none"})
    void aBlockThatIsCutAnywhereIsDamage(String volume) throws Exception {
        for (Path block : RealStores.blocks(root, volume)) {
            byte[] whole = Files.readAllBytes(block);
            Files.write(block, Arrays.copyOf(whole, whole.length - 1 - new Random(5).nextInt(whole.length - 1)));
        }

        assertThat(verify(volume, volume + "-b1"))
                .anySatisfy(check -> assertThat(check.status()).isEqualTo(Check.Status.FAILED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pvc-gzip", "pvc-lz4", "pvc-none"})
    void aFlippedBitIsDamageInEveryCodec(String volume) throws Exception {
        Random random = new Random(7);
        for (Path block : RealStores.blocks(root, volume)) {
            byte[] bytes = Files.readAllBytes(block);
            // Past the headers, whose times and flags no decoder looks at.
            int at = bytes.length / 2 + random.nextInt(bytes.length / 4);
            bytes[at] ^= 0x10;
            Files.write(block, bytes);

            assertThat(allFailures(volume)).as(block.toString()).isNotEmpty();

            bytes[at] ^= 0x10;
            Files.write(block, bytes);
        }
        assertThat(allFailures(volume)).isEmpty();
    }

    /** Of all complete backups together, since not every block belongs to every backup. */
    private List<Check> allFailures(String volume) throws Exception {
        List<Check> failures = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            for (Check check : verify(volume, volume + "-b" + i)) {
                if (check.status() == Check.Status.FAILED) {
                    failures.add(check);
                }
            }
        }
        return failures;
    }

    @Test
    void exchangedBlocksAreDamage() throws Exception {
        List<Path> blocks = RealStores.blocks(root, VOLUME);
        Path first = block();
        Path second = blocks.stream()
                .filter(block -> !block.equals(first))
                .findFirst()
                .orElseThrow();
        Files.copy(second, first, StandardCopyOption.REPLACE_EXISTING);

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("holds other bytes"));
    }

    @Test
    void aBlockThatDecodesToAnotherLengthIsDamage() throws Exception {
        Path block = block();
        byte[] plain;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(block))) {
            plain = in.readAllBytes();
        }
        Files.write(block, gzip(Arrays.copyOf(plain, plain.length + 1)));
        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("holds more than 2097152 bytes"));

        Files.write(block, gzip(Arrays.copyOf(plain, plain.length - 512)));
        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("instead of 2097152"));
    }

    @Test
    void aBlockInTheOtherCodecIsNone() throws Exception {
        Path lz4 = root.resolve(TargetKeys.blocks("pvc-lz4"));
        for (Path block : RealStores.blocks(root, VOLUME)) {
            Path same = lz4.resolve(root.resolve(TargetKeys.blocks(VOLUME)).relativize(block));
            Files.copy(same, block, StandardCopyOption.REPLACE_EXISTING);
        }

        assertThat(failures()).isEmpty();
    }

    @Test
    void aCodecThatIsNeitherIsDamage() throws Exception {
        Files.write(block(), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("neither gzip nor LZ4"));
    }

    @Test
    void locksTemporaryFilesUnknownFilesAndOrphanBlocksAreNoDamage() throws Exception {
        Path volume = root.resolve(TargetKeys.volume(VOLUME));
        Files.createDirectories(volume.resolve("locks"));
        Files.writeString(volume.resolve("locks/lock-19efd5c405de446b.lck"), "{\"Type\":2}");
        Path block = block();
        Files.writeString(block.resolveSibling(block.getFileName() + ".tmp.1719"), "half");
        Files.writeString(volume.resolve("blocks/README"), "?");
        Files.writeString(volume.resolve("backups/notes.txt"), "?");
        Path orphan = volume.resolve("blocks/ab/cd/" + "abcd".repeat(16) + ".blk");
        Files.createDirectories(orphan.getParent());
        Files.writeString(orphan, "orphan");

        assertThat(failures()).isEmpty();
    }

    @Test
    void aConfigurationThatContradictsItselfIsDamage() throws Exception {
        edit(configuration(), "\"Size\":\"10485760\"", "\"Size\":\"12582912\"");

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure ->
                        assertThat(failure).contains("Size is 12582912, but 5 blocks of 2097152 bytes are 10485760"));
    }

    @Test
    void anOffsetBehindTheEndOfTheVolumeIsDamage() throws Exception {
        edit(
                root.resolve(TargetKeys.volumeConfiguration(VOLUME).value()),
                "\"Size\":\"33554432\"",
                "\"Size\":\"4194304\"");

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("behind the volume's end"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "LZ4", "lz4 "})
    void anUnknownCompressionMethodIsNamed(String method) throws Exception {
        edit(configuration(), "\"CompressionMethod\":\"gzip\"", "\"CompressionMethod\":\"" + method + "\"");

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("CompressionMethod is '" + method + "'"));
    }

    @Test
    void aChecksumThatNoBlockHasIsDamage() throws Exception {
        String name = block().getFileName().toString().substring(0, 64);
        edit(configuration(), name, name.substring(0, 63) + (name.endsWith("0") ? "1" : "0"));
        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("is missing"));

        edit(configuration(), name.substring(0, 63), name.substring(0, 40));
        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("no checksum of 64 hex digits"));
    }

    @Test
    void aConfigurationThatIsCutAnywhereIsDamage() throws Exception {
        byte[] whole = Files.readAllBytes(configuration());
        for (int length = 0; length < whole.length; length += 97) {
            Files.write(configuration(), Arrays.copyOf(whole, length));

            assertThat(failures()).as("cut at %d", length).isNotEmpty();
        }
    }

    @Test
    void aConfigurationOfAnotherBackupIsDamage() throws Exception {
        Path other = root.resolve(
                TargetKeys.backupConfiguration(VOLUME, "pvc-gzip-b2").value());
        Files.copy(other, configuration(), StandardCopyOption.REPLACE_EXISTING);

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("says that it is backup pvc-gzip-b2"));
    }

    @Test
    void aMissingOrUnreadableVolumeCfgIsDamage() throws Exception {
        Path volume = root.resolve(TargetKeys.volumeConfiguration(VOLUME).value());
        Files.writeString(volume, "{\"Name\":");
        assertThat(verify(VOLUME, BACKUP).get(0).status()).isEqualTo(Check.Status.FAILED);

        Files.delete(volume);
        assertThat(verify(VOLUME, BACKUP).get(0).detail()).contains("is gone from the backup target");
    }

    @Test
    void aBackupThatIsGoneIsToldAsGone() throws Exception {
        Files.delete(configuration());

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("is gone from the backup target"));
    }

    @Test
    void aBlockSizeThatLonghornDoesNotKnowIsRefusedByName() throws Exception {
        edit(configuration(), "\"IsIncremental\"", "\"Parameters\":{\"backup-block-size\":\"123\"},\"IsIncremental\"");

        assertThat(failures())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).contains("backup-block-size is '123'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "2Mi", "2097152", "2048Ki"})
    void aBlockSizeIsAQuantityAndTwoMebibytesByDefault(String quantity) throws Exception {
        edit(
                configuration(),
                "\"IsIncremental\"",
                "\"Parameters\":{\"backup-block-size\":\"" + quantity + "\"},\"IsIncremental\"");

        assertThat(failures()).isEmpty();
    }

    @Test
    void aCompleteBackupOfAnUnwrittenVolumeHasNoBlocks() throws Exception {
        String text = Files.readString(configuration());
        Files.writeString(
                configuration(),
                text.replaceAll("\"Blocks\":\\[.*\\],", "").replace("\"Size\":\"10485760\"", "\"Size\":\"0\""));

        assertThat(failures()).isEmpty();
    }

    @Test
    void aDamagedBlockGivesNoImageAndLeavesNothing(@TempDir Path images) throws Exception {
        Files.write(block(), gzip(new byte[2 << 20]));

        assertThatThrownBy(() -> new VolumeImage(new BackupTarget(new DirectorySink(root)))
                        .write(VOLUME, BACKUP, images.resolve("pvc-gzip.img"), new TestRunContext()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("backup pvc-gzip-b1 of volume pvc-gzip")
                .hasMessageContaining(block().getFileName().toString().substring(0, 8));
        assertThat(images).isEmptyDirectory();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }
}
