package cloud.lvs.backup.provider.postgres.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.server.PreloadedLibraries;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server for a rehearsal that does not come into being. */
@Timeout(300)
class ScratchClusterTest {
    /** Where the user of the server may come. */
    private Path directory = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("scratch-cluster-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @AfterEach
    void remove() throws IOException {
        Files.deleteIfExists(directory.resolve("initdb"));
        // Nothing else was left.
        Files.delete(directory);
    }

    private void assertRefused(String saidByInitdb, Kind kind, String problem, String remedy) throws IOException {
        Path initdb = Files.writeString(directory.resolve("initdb"), """
                #!/bin/sh
                echo 'initdb: error: %s' >&2
                exit 1
                """.formatted(saidByInitdb));
        Files.setPosixFilePermissions(initdb, PosixFilePermissions.fromString("rwxr-xr-x"));
        Installation installation = new Installation(directory, new PostgresVersion(15, 0, "15"));

        assertThatThrownBy(() -> ScratchCluster.start(
                                directory,
                                directory,
                                directory,
                                installation,
                                PreloadedLibraries.NONE,
                                new TestRunContext())
                        .close())
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.problem()).isEqualTo(problem);
                    assertThat(e.remedy()).contains(remedy);
                });
    }

    @Test
    void aUserIdWithoutAnEntryIsNamed() throws IOException {
        assertRefused(
                "could not look up effective user ID 1000650000: user does not exist",
                Kind.CONFIG,
                "user id 1000650000 has no entry in /etc/passwd, which initdb needs",
                "--set server=URL");
    }

    @Test
    void whatElseInitdbSaysIsPassedOn() throws IOException {
        assertRefused(
                "could not create shared memory segment",
                Kind.FAILED,
                "failed: could not create shared memory segment",
                "shared memory");
    }
}
