package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCaptureTest {
    @TempDir
    Path directory;

    private final TestRunContext run = new TestRunContext();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void copiesAFileAndTellsItsSize() throws Exception {
        Path file = Files.writeString(directory.resolve("a"), "whole");

        assertThat(FileCapture.copy(file, out, "a", run)).isEqualTo(Map.of("bytes", "5"));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("whole");
    }

    @Test
    void aFileThatChangesMeanwhileIsNotBackedUp() throws Exception {
        Path file = Files.writeString(directory.resolve("a"), "whole");
        OutputStream meddling = new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                Files.writeString(file, "more", StandardOpenOption.APPEND);
                super.write(bytes, offset, length);
            }
        };

        assertThatThrownBy(() -> FileCapture.copy(file, meddling, "a", run))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("changed while it was read");
    }

    @Test
    void whatIsNoReadableFileIsNamed() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Files.writeString(directory.resolve("a"), ""));

        assertThatThrownBy(() -> FileCapture.copy(directory.resolve("none"), out, "none", run))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> FileCapture.copy(link, out, "link", run))
                .hasMessageContaining("is not a regular file");
    }
}
