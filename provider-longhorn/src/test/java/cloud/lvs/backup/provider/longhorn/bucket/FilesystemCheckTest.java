package cloud.lvs.backup.provider.longhorn.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.Check;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilesystemCheckTest {
    private static final long SIZE = 16L << 20;

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void emptyImage() throws IOException {
        image = directory.resolve("volume.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
    }

    private Check check() throws Exception {
        return new FilesystemCheck(new TestRunContext()).check(image);
    }

    private void run(String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command));
        words.add(image.toString());
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(() -> words + ": " + directory.resolve("log"))
                .isZero();
    }

    private void write(long offset, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }

    @ParameterizedTest
    @CsvSource({"ext4", "ext3", "ext2"})
    void aHealthyExtFilesystemPasses(String type) throws Exception {
        run("/usr/sbin/mke2fs", "-q", "-F", "-t", type);

        assertThat(check()).satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.PASSED);
            assertThat(check.detail()).contains("e2fsck finds nothing");
        });
    }

    @Test
    void aDamagedExtFilesystemFails() throws Exception {
        run("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024");
        byte[] garbage = new byte[1024];
        Arrays.fill(garbage, (byte) 0x5a);
        // The group descriptors follow the superblock.
        write(2048, garbage);

        assertThat(check().status()).isEqualTo(Check.Status.FAILED);
    }

    @Test
    void aJournalThatWasNotReplayedIsReplayedFirst() throws Exception {
        format();
        journal(9000, new byte[1024]);

        assertThat(check()).satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.PASSED);
            assertThat(check.detail()).contains("journal replayed");
        });
    }

    @Test
    void damageThatOnlyTheJournalHoldsIsFound() throws Exception {
        byte[] garbage = new byte[1024];
        Arrays.fill(garbage, (byte) 0x5a);
        format();
        journal(blockOfTheRootDirectory(), garbage);
        run("/usr/sbin/e2fsck", "-f", "-n");

        assertThat(check().status()).isEqualTo(Check.Status.FAILED);
    }

    private void format() throws Exception {
        run("/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024");
    }

    /** Where the inode of the root directory lies. */
    private int blockOfTheRootDirectory() throws Exception {
        run("/usr/sbin/debugfs", "-R", "imap <2>");
        Matcher matcher =
                Pattern.compile("located at block (\\d+)").matcher(Files.readString(directory.resolve("log")));
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** Leaves the filesystem as a crash does: a block that the journal holds and its place does not. */
    private void journal(int number, byte[] content) throws Exception {
        Path block = Files.write(directory.resolve("block"), content);
        Path commands = Files.writeString(
                directory.resolve("commands"), "jo\njw -b " + number + " " + block + "\njc\n", StandardCharsets.UTF_8);
        run("/usr/sbin/debugfs", "-w", "-f", commands.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "0, LUKS\u00ba\u00be, LUKS",
        "512, LABELONE, LVM",
        "512, EFI PART, partition table",
        "510, U\u00aa, partition table",
        "65600, _BHRfS_M, btrfs",
        "0, whatever, no filesystem that is known",
    })
    void whatItCannotCheckIsNamedAndNeitherPassesNorFails(long offset, String mark, String named) throws Exception {
        write(offset, mark.getBytes(StandardCharsets.ISO_8859_1));

        assertThat(check()).satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.WARNED);
            assertThat(check.detail()).startsWith("not checked: ").contains(named);
        });
    }

    @Test
    void aVolumeThatWasNeverFormattedIsNotChecked() throws Exception {
        assertThat(check()).satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.WARNED);
            assertThat(check.detail()).contains("never formatted");
        });
    }
}
