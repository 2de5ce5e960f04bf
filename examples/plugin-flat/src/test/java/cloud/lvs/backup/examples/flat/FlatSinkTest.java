package cloud.lvs.backup.examples.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlatSinkTest {
    @TempDir
    Path directory;

    @Test
    void keepsAKeyBesideOneBelowIt() throws Exception {
        FlatSink sink = new FlatSink(directory);
        for (String key : List.of("a", "a/b", "a/b/c")) {
            put(sink, key, "bytes of " + key);
        }

        for (String key : List.of("a", "a/b", "a/b/c")) {
            try (InputStream in = sink.open(new ObjectKey(key))) {
                assertThat(in).hasContent("bytes of " + key);
            }
        }
    }

    @Test
    void aFileCutWhileItIsReadDoesNotEndQuietly() throws Exception {
        FlatSink sink = new FlatSink(directory);
        put(sink, "a", "x".repeat(100_000));

        try (InputStream in = sink.open(new ObjectKey("a"))) {
            in.readNBytes(10);
            Files.write(onlyFile(), new byte[100], StandardOpenOption.TRUNCATE_EXISTING);

            BackupException failure = catchThrowableOfType(BackupException.class, in::readAllBytes);
            assertThat(failure.kind()).isEqualTo(Kind.SINK);
            assertThat(failure).hasMessageContaining("was cut");
        }
    }

    @Test
    void aMissingDirectoryIsAnErrorOfTheSink() {
        FlatSink sink = new FlatSink(directory.resolve("nowhere"));

        BackupException failure = catchThrowableOfType(BackupException.class, () -> sink.list(""));

        assertThat(failure.kind()).isEqualTo(Kind.SINK);
        assertThat(failure).hasMessageContaining("nowhere");
    }

    private Path onlyFile() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findFirst().orElseThrow();
        }
    }

    private static void put(FlatSink sink, String key, String content) throws Exception {
        try (ObjectWriter writer = sink.create(new ObjectKey(key), Map.of())) {
            writer.body().write(content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            writer.commit();
        }
    }
}
