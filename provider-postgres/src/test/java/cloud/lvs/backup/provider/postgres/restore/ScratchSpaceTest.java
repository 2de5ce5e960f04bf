package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ScratchSpaceTest {
    @TempDir
    Path directory = Path.of("");

    private ScratchSpace space = new ScratchSpace(directory);
    private long most;

    /** Two such files have no space together, whatever others do on this disk meanwhile. */
    @BeforeEach
    void look() throws Exception {
        space = new ScratchSpace(directory);
        most = Files.getFileStore(directory).getUsableSpace() / 5 * 3;
    }

    @Test
    void whoFindsItTakenWaitsUntilTheOtherLeaves() throws Exception {
        CompletableFuture<Path> second = new CompletableFuture<>();
        Thread taking = new Thread(() -> take(second));
        try (ScratchSpace.Reservation first = space.reserve(most, "first")) {
            taking.start();
            while (taking.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(directory).isDirectoryContaining(first.file()::equals);
            assertThat(second).isNotDone();
        }

        taking.join();
        assertThat(second.join()).doesNotExist();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatIsWrittenAlreadyIsNotCountedTwice() throws Exception {
        try (ScratchSpace.Reservation first = space.reserve(most, "first")) {
            // A file with a hole is as large as it says, but takes nothing of the disk.
            try (RandomAccessFile written = new RandomAccessFile(first.file().toFile(), "rw")) {
                written.setLength(most);
            }
            try (ScratchSpace.Reservation second = space.reserve(most, "second")) {
                assertThat(second.file()).exists();
            }
        }
    }

    @Test
    void refusesWhatHasNoRoomEvenAlone() {
        BackupException refused =
                catchThrowableOfType(BackupException.class, () -> space.reserve(Long.MAX_VALUE, "huge"));

        assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
        assertThat(refused).hasMessageContaining("but the dump of 'huge' has " + Long.MAX_VALUE);
        assertThat(directory).isEmptyDirectory();
    }

    private void take(CompletableFuture<Path> taken) {
        try (ScratchSpace.Reservation place = space.reserve(most, "second")) {
            taken.complete(place.file());
        } catch (IOException | InterruptedException e) {
            taken.completeExceptionally(e);
        }
    }
}
