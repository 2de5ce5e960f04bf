package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How little an author has to write: lines of the sources that a provider reaches. */
class ExampleSizeTest {
    @ParameterizedTest
    @CsvSource({
        "plugin-files/src/main/java, 170",
        "plugin-flat/src/main/java, 320",
        "plugin-template/src/main/java/com/example/backup/FileSourceProvider.java, 85",
        "plugin-template/src/main/java/com/example/backup/FolderSinkProvider.java, 160",
    })
    void anExampleIsShort(String sources, long most) throws IOException {
        long lines = 0;
        try (Stream<Path> files = Files.walk(Checkout.root().resolve("examples").resolve(sources))) {
            for (Path file : files.filter(ExampleSizeTest::isClass).toList()) {
                lines += Files.readAllLines(file).size();
            }
        }

        assertThat(lines).as(sources).isBetween(1L, most);
    }

    private static boolean isClass(Path file) {
        return file.toString().endsWith(".java") && !file.endsWith("package-info.java");
    }
}
