package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFileTest {
    @TempDir
    Path directory;

    private Path target;
    private StagedFile file;

    @BeforeEach
    void write() throws Exception {
        target = directory.resolve("object");
        file = new StagedFile(directory.resolve("object.part"), e -> new IOException("explained", e));
        file.body().write("whole".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        file.body().close();
    }

    @AfterEach
    void nothingStaysUnderTheOtherName() throws Exception {
        file.close();
        assertThat(directory.resolve("object.part")).doesNotExist();
    }

    @Test
    void hasNoNameBeforeItIsMoved() throws Exception {
        assertThat(target).doesNotExist();

        file.moveTo(target);

        assertThat(target).hasContent("whole");
    }

    @Test
    void nobodyButItsOwnerReadsIt() throws Exception {
        file.moveTo(target);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-------");
    }

    @Test
    void replacesWhatLiesWhereItIsWritten() throws Exception {
        Path left = Files.writeString(directory.resolve("left.part"), "left behind by a crash");
        try (StagedFile again = new StagedFile(left, e -> e)) {
            again.body().write('x');
            again.moveTo(target);
        }

        assertThat(target).hasContent("x");
    }

    @Test
    void aMoveReplacesWhatIsThere() throws Exception {
        Files.writeString(target, "old");

        file.moveTo(target);

        assertThat(target).hasContent("whole");
    }

    @Test
    void aLinkReplacesNothing() throws Exception {
        Files.writeString(target, "old");

        assertThatThrownBy(() -> file.linkTo(target)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasContent("old");
    }

    @Test
    void aMoveOfWhatWasRemovedFails() throws Exception {
        Files.delete(directory.resolve("object.part"));

        assertThatThrownBy(() -> file.moveTo(target)).isInstanceOf(NoSuchFileException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void leavesNothingAlsoOnAnInterruptedThread() throws Exception {
        Thread.currentThread().interrupt();
        try {
            file.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void isMovedOnce() throws Exception {
        file.moveTo(target);

        assertThatThrownBy(() -> file.moveTo(target)).isInstanceOf(IllegalStateException.class);
        assertThat(target).hasContent("whole");
    }

    @Test
    void aFailureToWriteIsExplained() throws Exception {
        file.close();

        assertThatThrownBy(() -> file.body().write(1)).hasMessage("explained");
    }
}
