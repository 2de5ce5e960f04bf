package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of this checkout that the tests look at. */
final class Checkout {
    private static final Path ROOT =
            Path.of(System.getProperty("lvs.root", "../..")).toAbsolutePath().normalize();
    private static final String VERSION = System.getProperty("lvs.version", "0.1.0-SNAPSHOT");

    private Checkout() {}

    static Path root() {
        return ROOT;
    }

    /** The unpacked distribution. */
    static Path distribution() {
        return built(ROOT.resolve("runner/target/lvs-backup"));
    }

    /** The one executable jar. */
    static Path executableJar() {
        return built(ROOT.resolve("runner/target/lvs-backup.jar"));
    }

    /** The jars of the example plugins. */
    static List<Path> plugins() {
        return List.of(plugin("files"), plugin("flat"), plugin("hanoi"));
    }

    private static Path plugin(String name) {
        String module = "plugin-" + name;
        return built(
                ROOT.resolve("examples/" + module + "/target/lvs-backup-example-" + module + "-" + VERSION + ".jar"));
    }

    /** The version of everything here. */
    static String version() {
        return VERSION;
    }

    static Path built(Path path) {
        assertThat(Files.exists(path))
                .as(path + " is there; if not, ./build test makes it")
                .isTrue();
        return path;
    }
}
