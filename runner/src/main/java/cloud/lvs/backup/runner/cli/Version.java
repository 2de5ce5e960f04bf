package cloud.lvs.backup.runner.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The version of this program. */
final class Version {
    private Version() {}

    /** As built, e.g. {@code 0.1.0}. */
    static String current() {
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("version"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String java() {
        return System.getProperty("java.version", "unknown");
    }
}
