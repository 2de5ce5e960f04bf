package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchDirectoryTest {
    @TempDir
    Path parent;

    private final TestRunContext run = new TestRunContext();

    @Test
    void itsOwnerAloneMayEnterIt() throws Exception {
        try (ScratchDirectory one = ScratchDirectory.in(parent, "dump-", run::warn);
                ScratchDirectory other = ScratchDirectory.in(parent, "dump-", run::warn)) {
            assertThat(one.path()).hasParent(parent).isNotEqualTo(other.path());
            assertThat(one.path().getFileName().toString()).startsWith("dump-");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void goesAwayWithEverythingInItAlsoOnAnInterruptedThread() throws Exception {
        ScratchDirectory scratch = ScratchDirectory.in(parent, "dump-", run::warn);
        Files.writeString(Files.createDirectories(scratch.resolve("a/b")).resolve("file"), "content");

        Thread.currentThread().interrupt();
        try {
            scratch.close();
        } finally {
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        }

        assertThat(parent).isEmptyDirectory();
        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void whatALinkPointsToStays() throws Exception {
        Path kept =
                Files.writeString(Files.createDirectory(parent.resolve("kept")).resolve("file"), "content");
        ScratchDirectory scratch = ScratchDirectory.in(parent, "dump-", run::warn);
        Files.createSymbolicLink(scratch.resolve("link"), kept.getParent());

        scratch.close();

        assertThat(scratch.path()).doesNotExist();
        assertThat(kept).hasContent("content");
    }

    @Test
    void mayBeGoneAlready() throws Exception {
        ScratchDirectory scratch = ScratchDirectory.in(parent, "dump-", run::warn);
        Files.delete(scratch.path());

        scratch.close();

        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void saysWhereNoneCanBeMade() {
        Path missing = parent.resolve("missing");

        assertThatThrownBy(() -> ScratchDirectory.in(missing, "dump-", run::warn))
                .isInstanceOf(BackupException.class)
                .hasMessageStartingWith("directory " + missing + ": cannot hold temporary files: " + missing)
                .hasMessageEndingWith("does not exist");
    }
}
