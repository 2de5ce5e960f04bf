package cloud.lvs.backup.runner.cli.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/** The version of this program. */
public final class ProgramVersion {
    private ProgramVersion() {}

    /** As built, e.g. {@code 0.1.0}. */
    public static String current() {
        try (InputStream in = Objects.requireNonNull(ProgramVersion.class.getResourceAsStream("version"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String java() {
        return System.getProperty("java.version", "unknown");
    }

    /** What makes backups and reports, as they name it. */
    public static Map<String, String> tool() {
        return Map.of("lvs-backup", current(), "java", java());
    }
}
