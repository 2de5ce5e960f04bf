package cloud.lvs.backup.runner.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/** The shells that commands can be completed in. */
public enum Shell {
    BASH,
    ZSH,
    FISH;

    /** The script that makes the shell ask the program; it ends with a line end. */
    public String script() {
        String name = "completion." + name().toLowerCase(Locale.ROOT);
        try (InputStream in = Objects.requireNonNull(Shell.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
