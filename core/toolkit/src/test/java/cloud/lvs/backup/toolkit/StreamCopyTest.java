package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestRunContext.Progress;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamCopyTest {
    private final byte[] bytes = new byte[300_000];

    StreamCopyTest() {
        new Random(1).nextBytes(bytes);
    }

    @Test
    void copiesEveryByteAndTellsHowFarItIs() throws Exception {
        TestRunContext run = new TestRunContext();
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        long copied = StreamCopy.copy(new ByteArrayInputStream(bytes), out, "shop", bytes.length, run);

        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(copied).isEqualTo(bytes.length);
        assertThat(run.progress())
                .hasSizeGreaterThan(1)
                .allMatch(told -> told.item().equals("shop"));
        assertThat(run.progress()).last().isEqualTo(new Progress("shop", bytes.length, bytes.length));
    }

    @Test
    void stopsWhenItIsAskedTo() {
        TestRunContext run = new TestRunContext();
        run.cancel();

        assertThatThrownBy(() -> StreamCopy.copy(
                        new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), "shop", 0, run))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void copiesAFileAndTellsItsBytes(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("shop"), bytes);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(StreamCopy.copyFile(file, out, "shop", new TestRunContext()))
                .containsExactly(entry(StreamCopy.BYTES, "300000"));
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void aFileThatChangesWhileItIsReadFails(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("shop"), bytes);
        OutputStream meddling = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                Files.writeString(file, "other");
            }

            @Override
            public void write(byte[] some, int offset, int length) throws IOException {
                write(0);
            }
        };

        assertThatThrownBy(() -> StreamCopy.copyFile(file, meddling, "shop", new TestRunContext()))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SOURCE))
                .hasMessageContaining("shop: changed while it was read");
    }

    @Test
    void comparesTheBytesOfAnArtifactWithThoseOfItsCapture() throws Exception {
        TestRunContext run = new TestRunContext();
        InMemoryArtifacts written = new InMemoryArtifacts();
        Map<String, String> facts = Map.of(StreamCopy.BYTES, "300000");
        StoredArtifact artifact = written.write(Artifact.of("shop", "dump"), body -> {
            body.write(bytes);
            return facts;
        });
        CaptureReport report = new CaptureReport(List.of(ItemResult.done("shop", facts)), Map.of());
        InMemoryBackup backup = InMemoryBackup.of(written, report, run, "test");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(StreamCopy.copy(backup, artifact, out, run)).isEqualTo(Check.passed("size of shop", "300000 bytes"));
        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThatThrownBy(() -> StreamCopy.copy(backup.cutShort(artifact), artifact, out, run))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION))
                .hasMessageContaining("item shop: has 150000 bytes, not 300000");
    }
}
