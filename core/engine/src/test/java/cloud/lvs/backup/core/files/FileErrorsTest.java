package cloud.lvs.backup.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.core.report.Failure;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileErrorsTest {
    @TempDir
    Path directory;

    private String words(ThrowingCallable access) {
        IOException failure = catchThrowableOfType(IOException.class, access);
        assertThat(failure).isNotNull();
        return FileErrors.inWords(failure);
    }

    @Test
    void saysWhatTheSystemSaysInPlainWords() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "x");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("link"));

        assertThat(words(() -> Files.readString(directory.resolve("none")))).isEqualTo("it does not exist");
        assertThat(words(() -> Files.readString(directory))).isEqualTo("is a directory");
        assertThat(words(() -> new FileInputStream(directory.toFile()).close())).isEqualTo("is a directory");
        assertThat(words(() -> Files.readString(file.resolve("below")))).isEqualTo("not a directory");
        assertThat(words(() -> Files.readString(link))).contains("symbolic links");
        assertThat(words(() -> Files.list(file).close())).isEqualTo("it is no directory");
        assertThat(words(() -> {
                    throw new MalformedInputException(1);
                }))
                .isEqualTo("it is not UTF-8 text");
        assertThat(words(() -> {
                    throw new AccessDeniedException("/etc/shadow");
                }))
                .isEqualTo("permission denied");
        assertThat(words(() -> {
                    throw new IOException();
                }))
                .isEqualTo("the system does not say why");
    }

    @Test
    void aFailureNamesTheFileAndNoClass() {
        Map<IOException, String> failures = Map.of(
                new AccessDeniedException("/srv/k3s/token"), "/srv/k3s/token: permission denied",
                new FileSystemException("/srv/x", null, "No space left on device"), "/srv/x: no space left on device");

        failures.forEach((failure, words) -> assertThat(
                        Failure.of("k3s", "capture", failure).toString())
                .isEqualTo("job k3s: capture: " + words + " (mend that and try again)"));
    }
}
