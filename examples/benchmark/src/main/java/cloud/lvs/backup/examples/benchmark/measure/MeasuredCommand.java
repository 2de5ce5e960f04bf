package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A command to be measured. */
public final class MeasuredCommand {
    /** The exit code of what was stopped at its time limit. */
    public static final int TOOK_TOO_LONG = 124;

    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final Pattern TIMES = Pattern.compile("(\\d+\\.\\d+) (\\d+\\.\\d+)");

    /** Waits for the command and puts its processor time into the file that is its name: only who waits is told that. */
    private static final String TIMED = "TIMEFORMAT='%U %S'; { time \"$@\" 2>&3 3>&-; } 3>&2 2>\"$0\"";

    private final Path directory;
    private final List<String> command;
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Path input;
    private Duration limit = Duration.ofMinutes(30);

    private MeasuredCommand(Path directory, List<String> command) {
        this.directory = directory;
        this.command = List.copyOf(command);
    }

    /** @param directory where the command runs; it holds the measurement's own files meanwhile */
    public static MeasuredCommand of(Path directory, List<String> command) {
        return new MeasuredCommand(directory, command);
    }

    public static MeasuredCommand of(Path directory, String... command) {
        return new MeasuredCommand(directory, List.of(command));
    }

    public MeasuredCommand with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public MeasuredCommand with(Map<String, String> more) {
        environment.putAll(more);
        return this;
    }

    /** Standard input is a pipe that carries this file, as fast as it is read; nothing tells its length. */
    public MeasuredCommand reading(Path file) {
        input = file;
        return this;
    }

    public MeasuredCommand within(Duration value) {
        limit = value;
        return this;
    }

    /** Runs the command to its end, or until its time is over. */
    public Measurement run() throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, ".bench-", ".out");
        Path err = Files.createTempFile(directory, ".bench-", ".err");
        Path times = Files.createTempFile(directory, ".bench-", ".times");
        try {
            List<String> timed = new ArrayList<>(List.of("bash", "-c", TIMED, times.toString()));
            timed.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(timed)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            // What is set for other stores and servers does not concern these.
            builder.environment().keySet().removeIf(name -> name.matches("(AWS|RCLONE|PG)_?[A-Z_]*"));
            builder.environment().putAll(environment);
            long began = System.nanoTime();
            Process process = start(builder);
            Watch watch = new Watch(process.toHandle());
            boolean late = false;
            while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
                watch.look();
                if (!late && System.nanoTime() - began > limit.toNanos()) {
                    late = true;
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                }
            }
            Duration wall = Duration.ofNanos(System.nanoTime() - began);
            return new Measurement(
                    wall,
                    read(times),
                    watch.cpu,
                    watch.peakBytes,
                    late ? TOOK_TOO_LONG : process.exitValue(),
                    Files.readString(out),
                    Files.readString(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
            Files.deleteIfExists(times);
        }
    }

    private Process start(ProcessBuilder builder) throws IOException {
        if (input == null) {
            return builder.redirectInput(Path.of("/dev/null").toFile()).start();
        }
        ProcessBuilder feeder = new ProcessBuilder("cat", input.toString())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        return ProcessBuilder.startPipeline(List.of(feeder, builder)).get(1);
    }

    private static Duration read(Path times) throws IOException {
        Matcher matcher = TIMES.matcher(Files.readString(times));
        if (!matcher.find()) {
            return Duration.ZERO;
        }
        double seconds = Double.parseDouble(matcher.group(1)) + Double.parseDouble(matcher.group(2));
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /** Looks at the command, a child of the shell that times it, while it runs. */
    private static final class Watch {
        private final ProcessHandle shell;
        private @Nullable ProcessHandle command;
        private Duration cpu = Duration.ZERO;
        private long peakBytes;

        Watch(ProcessHandle shell) {
            this.shell = shell;
        }

        void look() {
            if (command == null) {
                command = shell.children().findFirst().orElse(null);
            }
            if (command != null) {
                peakBytes = Math.max(peakBytes, peakOf(command.pid()));
                Optional<ProcessTimes> times = ProcessTimes.of(command.pid());
                cpu = times.map(ProcessTimes::own).orElse(cpu);
            }
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
    }
}
