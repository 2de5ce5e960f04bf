package cloud.lvs.backup.provider.postgres.program;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassFileTest {
    @TempDir
    Path scratch = Path.of("");

    private static Path path(PassFile login, String variable) {
        return Path.of(login.environment().getOrDefault(variable, "missing"));
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void holdsThePasswordAsLibpqReadsItForItsOwnerAlone() throws Exception {
        try (PassFile login = PassFile.in(scratch, Optional.of(new Secret("a:b\\c d")), null)) {
            Path file = path(login, "PGPASSFILE");

            assertThat(file).hasContent("*:*:*:*:a\\:b\\\\c d\n");
            assertThat(mode(file)).isEqualTo("rw-------");
            assertThat(mode(path(login, "HOME"))).isEqualTo("rwx------");
            assertThat(login.environment()).doesNotContainKey("PGSSLKEY");
        }
    }

    @Test
    void copiesTheKeyThatOthersCouldRead() throws Exception {
        Path key = Files.writeString(scratch.resolve("mounted.key"), "a key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        try (PassFile login = PassFile.in(scratch, Optional.empty(), key)) {
            assertThat(path(login, "PGSSLKEY")).hasContent("a key");
            assertThat(mode(path(login, "PGSSLKEY"))).isEqualTo("rw-------");
            assertThat(path(login, "PGPASSFILE")).isEmptyFile();
        }
    }

    @Test
    void isGoneAfterClosingOnAnInterruptedThread() throws Exception {
        PassFile login = PassFile.in(scratch, Optional.of(new Secret("x")), null);
        Thread.currentThread().interrupt();
        login.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(scratch).isEmptyDirectory();
    }
}
