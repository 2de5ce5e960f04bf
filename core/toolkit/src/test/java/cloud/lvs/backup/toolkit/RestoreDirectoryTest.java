package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void filesAppearTogetherOrNotAtAll() throws Exception {
        Path target = directory.resolve("new/deep");
        try (RestoreDirectory restored = RestoreDirectory.in(target)) {
            write(restored, "a", "1");
            write(restored, "b", "2");
            assertThat(target.resolve("a")).doesNotExist();

            restored.publish();
        }

        assertThat(target.resolve("a")).hasContent("1");
        assertThat(target.resolve("b")).hasContent("2");
        assertThat(target).isDirectoryNotContaining("glob:**/.restoring-*");
    }

    @Test
    void nobodyButTheirOwnerReadsThem() throws Exception {
        Path target = directory.resolve("private");
        try (RestoreDirectory restored = RestoreDirectory.in(target)) {
            write(restored, "a", "1");
            restored.publish();
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("a"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aRestoreThatFailsLeavesTheDirectoryAsItWas() throws Exception {
        Path made = directory.resolve("made");
        try (RestoreDirectory restored = RestoreDirectory.in(made)) {
            write(restored, "a", "1");
        }
        assertThat(made).doesNotExist();

        Path existing = Files.createDirectory(directory.resolve("existing"));
        try (RestoreDirectory restored = RestoreDirectory.in(existing)) {
            write(restored, "a", "1");
        }
        assertThat(existing).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../evil", "/etc/evil", "sub/evil", "a\\b", ".restoring-x", "nul\0"})
    void aNameFromAManifestLeadsNowhereElse(String name) throws Exception {
        try (RestoreDirectory restored = RestoreDirectory.in(directory.resolve("target"))) {
            assertThatThrownBy(() -> restored.create(name))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("is not the name of a file");
        }
    }

    @Test
    void aNameIsWrittenOnce() throws Exception {
        try (RestoreDirectory restored = RestoreDirectory.in(directory.resolve("target"))) {
            write(restored, "a", "1");

            assertThatThrownBy(() -> restored.create("a")).hasMessageContaining("is there twice");
        }
    }

    @Test
    void whatCameIntoBeingMeanwhileIsNotReplaced() throws Exception {
        Path target = directory.resolve("target");
        try (RestoreDirectory restored = RestoreDirectory.in(target)) {
            write(restored, "a", "1");
            write(restored, "b", "2");
            Files.writeString(target.resolve("b"), "theirs");

            assertThatThrownBy(restored::publish).hasMessageContaining("came into being meanwhile");
            assertThat(target.resolve("a")).doesNotExist();
            assertThat(target.resolve("b")).hasContent("theirs");
            Files.delete(target.resolve("b"));
        }
    }

    @Test
    void onlyAnEmptyDirectoryIsFilled() throws Exception {
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("x"), "");
        Path file = Files.writeString(directory.resolve("file"), "");
        Path link =
                Files.createSymbolicLink(directory.resolve("link"), Files.createDirectory(directory.resolve("there")));

        assertThatThrownBy(() -> place(full)).hasMessageContaining("is not empty");
        assertThatThrownBy(() -> place(file)).hasMessageContaining("is no directory");
        assertThatThrownBy(() -> place(link)).hasMessageContaining("is a symbolic link");
        assertThatThrownBy(() -> RestoreDirectory.of(new RestoreTarget.InPlace()))
                .hasMessageContaining("restores to an empty directory only");
        assertThatThrownBy(() -> RestoreDirectory.of(new RestoreTarget.Undo()))
                .hasMessageContaining("restores to an empty directory only");
        assertThatThrownBy(() -> RestoreDirectory.of(new RestoreTarget.Place("\0")))
                .hasMessageContaining("is not a path");
        assertThat(place(directory.resolve("new"))).doesNotExist();
        assertThat(RestoreDirectory.of(new RestoreTarget.Scratch(directory.resolve("scratch"))))
                .doesNotExist();
    }

    private static Path place(Path path) throws IOException {
        return RestoreDirectory.of(new RestoreTarget.Place(path.toString()));
    }

    private static void write(RestoreDirectory restored, String name, String content) throws IOException {
        try (OutputStream out = restored.create(name)) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
    }
}
