package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.output.Progress;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds the program.
 *
 * @param environment its variables
 * @param out standard output; its failures must come as exceptions
 * @param err standard error
 * @param clock the time
 * @param screen what standard error is
 * @param home the directory of the distribution, or null if it runs from elsewhere
 */
public record Host(
        Map<String, String> environment,
        OutputStream out,
        PrintStream err,
        Clock clock,
        Progress.Screen screen,
        @Nullable Path home) {
    public Host {
        environment = Map.copyOf(environment);
    }
}
