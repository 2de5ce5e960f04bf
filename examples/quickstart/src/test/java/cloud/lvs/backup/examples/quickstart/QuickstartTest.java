package cloud.lvs.backup.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    private static final Path DISTRIBUTION = Path.of("../../runner/target/lvs-backup");

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @Test
    void bringsBackExactlyWhatWasThereAtThePinnedRevision() throws Exception {
        assertThat(DISTRIBUTION.resolve("bin/lvs-backup"))
                .as("./build package makes it")
                .exists();

        quickstart(directory.resolve("work")).run();

        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains("$ lvs-backup -c lvs.yaml run", "rows of that revision", "The token is the same");
    }

    @Test
    void neverEmptiesADirectoryOfSomeoneElse() throws Exception {
        Files.writeString(directory.resolve("precious"), "x");

        assertThatThrownBy(() -> quickstart(directory).run()).hasMessageContaining("holds something else");
        assertThat(directory.resolve("precious")).exists();
    }

    private Quickstart quickstart(Path work) {
        return new Quickstart(DISTRIBUTION, work, 3_000_000, new PrintStream(told, true, StandardCharsets.UTF_8));
    }
}
