package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Processor time as {@code /proc/PID/stat} tells it, in hundredths of a second.
 *
 * @param own of the process itself
 * @param reaped of the children that have ended and been waited for, with theirs
 */
public record ProcessTimes(Duration own, Duration reaped) {
    private static final int MILLIS_PER_TICK = 10;

    /** Of a running process; empty if it has ended. */
    public static Optional<ProcessTimes> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The command's name comes before, in parentheses, and may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new ProcessTimes(
                    ticks(fields[11]).plus(ticks(fields[12])), ticks(fields[13]).plus(ticks(fields[14]))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Duration ticks(String field) {
        return Duration.ofMillis(Long.parseLong(field) * MILLIS_PER_TICK);
    }
}
