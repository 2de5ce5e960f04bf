package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompleteInputStreamTest {
    @TempDir
    Path directory;

    private final IOException cut = new IOException("cut");

    private InputStream stream(int bytes, int stated) {
        return new CompleteInputStream(new ByteArrayInputStream(new byte[bytes]), stated, cut);
    }

    @Test
    void endsWhereItShould() throws Exception {
        assertThat(stream(10, 10).readAllBytes()).hasSize(10);
        assertThat(stream(0, 0).read()).isEqualTo(-1);
    }

    @Test
    void throwsWhereBytesAreMissing() {
        assertThatThrownBy(() -> stream(9, 10).readAllBytes()).isSameAs(cut);
        assertThatThrownBy(() -> stream(0, 10).read()).isSameAs(cut);
    }

    @Test
    void countsWhatIsSkipped() throws Exception {
        InputStream in = stream(10, 10);

        assertThat(in.skip(4)).isEqualTo(4);
        assertThat(in.readAllBytes()).hasSize(6);
    }

    @Test
    void aFileThatIsCutWhileItIsReadIsNoticed() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[10]);
        try (InputStream in = CompleteInputStream.of(file, cut)) {
            assertThat(in.readNBytes(5)).hasSize(5);
            Files.write(file, new byte[5]);

            assertThatThrownBy(in::readAllBytes).isSameAs(cut);
        }
    }
}
