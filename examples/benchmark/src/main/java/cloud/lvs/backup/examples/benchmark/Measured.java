package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a process went.
 *
 * @param wall from start to end
 * @param peakBytes the largest resident set of the process, as the kernel counts it (VmHWM)
 * @param exitCode 124 if it was stopped for taking too long
 * @param out its standard output
 * @param err its standard error
 */
record Measured(Duration wall, long peakBytes, int exitCode, String out, String err) {
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final Pattern TIMES = Pattern.compile("(\\d+\\.\\d+) (\\d+\\.\\d+)\\s*$");
    private static final int TOOK_TOO_LONG = 124;

    /** Runs a command to its end. */
    static Measured run(Path directory, List<String> command) throws IOException, InterruptedException {
        return run(directory, Duration.ofMinutes(30), command);
    }

    /** Runs a command to its end, or until its time is over. */
    static Measured run(Path directory, Duration limit, List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench-", ".out");
        Path err = Files.createTempFile("bench-", ".err");
        try {
            long began = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            long peak = 0;
            boolean late = false;
            while (!process.waitFor(5, TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, peakOf(process.pid()));
                if (System.nanoTime() - began > limit.toNanos()) {
                    late = true;
                    process.destroyForcibly();
                }
            }
            Duration wall = Duration.ofNanos(System.nanoTime() - began);
            return new Measured(
                    wall,
                    peak,
                    late ? TOOK_TOO_LONG : process.exitValue(),
                    Files.readString(out),
                    Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Runs a command and takes its processor time from the shell that waits for it. */
    static Duration cpu(Path directory, List<String> command) throws IOException, InterruptedException {
        String script = "TIMEFORMAT='%U %S'; time \"$@\" >/dev/null";
        Process process = new ProcessBuilder(Stream.concat(Stream.of("bash", "-c", script, "bash"), command.stream())
                        .toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = TIMES.matcher(told);
        if (process.waitFor() != 0 || !matcher.find()) {
            throw new IOException(command + " failed: " + told);
        }
        double seconds = Double.parseDouble(matcher.group(1)) + Double.parseDouble(matcher.group(2));
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    private static long peakOf(long pid) {
        try {
            Matcher matcher = PEAK.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
            return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
        } catch (IOException e) {
            // It has just ended.
            return 0;
        }
    }

    Measured expect(int code) throws IOException {
        if (exitCode != code) {
            throw new IOException("ended with " + exitCode + " instead of " + code + ": " + err);
        }
        return this;
    }

    double seconds() {
        return wall.toNanos() / 1e9;
    }
}
