package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IoErrorMessagesTest {
    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/x"), "/x does not exist"),
                Arguments.of(new AccessDeniedException("/x"), "/x may not be used by this user"),
                Arguments.of(new FileAlreadyExistsException("/x"), "/x exists already"),
                Arguments.of(new DirectoryNotEmptyException("/x"), "/x is not empty"),
                Arguments.of(new NotDirectoryException("/x"), "/x is not a directory"),
                Arguments.of(new FileSystemLoopException("/x"), "/x is a loop of symbolic links"),
                Arguments.of(
                        new FileSystemException("/x", null, "Read-only file system"),
                        "/x cannot be used: read-only file system"),
                Arguments.of(new FileSystemException("/x"), "/x cannot be used: the file system does not say why"),
                Arguments.of(new IOException("No space left on device"), "no space left on device"),
                Arguments.of(new IOException("EOF within the header"), "EOF within the header"),
                Arguments.of(new IOException(), "reading or writing failed"),
                Arguments.of(new BackupException(Kind.SINK, "object a", "is gone", "run again"), "object a: is gone"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void tellsTheCauseWithoutTheNamesOfClasses(IOException failure, String words) {
        assertThat(IoErrorMessages.of(failure)).isEqualTo(words);
    }
}
