package cloud.lvs.backup.provider.k3s.kine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes to a datastore as a busy k3s does: paced commits of one row each, compaction and {@code wal_checkpoint(FULL)} now
 * and then, and measures how long its commits take.
 *
 * <p>{@code main} runs it as a process of its own, which locks between SQLite connections need to be real:
 * {@link #spawn} starts one.
 */
public final class KineWriter {
    private static final int KEYS = 200;
    private static final int KEPT_REVISIONS = 1000;

    private final KineDatabase kine;
    private final double commitsPerSecond;
    private final Duration compactEvery;
    private final Random random;
    private volatile boolean stopped;

    private KineWriter(KineDatabase kine, double commitsPerSecond, Duration compactEvery, long seed) {
        this.kine = kine;
        this.commitsPerSecond = commitsPerSecond;
        this.compactEvery = compactEvery;
        this.random = new Random(seed);
    }

    /**
     * How the writing went.
     *
     * @param commits how many
     * @param errors commits that failed
     * @param p50Millis half of the commits were faster
     * @param p99Millis 99 of 100 were
     * @param maxMillis the slowest
     * @param maxId the revision at the end
     */
    public record Report(long commits, long errors, double p50Millis, double p99Millis, double maxMillis, long maxId) {
        /** One line, as {@code main} prints it and {@link #parse} reads it. */
        String line() {
            return "commits=" + commits + " errors=" + errors + " p50Millis=" + p50Millis + " p99Millis=" + p99Millis
                    + " maxMillis=" + maxMillis + " maxId=" + maxId;
        }

        static Report parse(String line) {
            Properties values = new Properties();
            for (String pair : line.split(" ")) {
                int equals = pair.indexOf('=');
                values.setProperty(pair.substring(0, equals), pair.substring(equals + 1));
            }
            return new Report(
                    Long.parseLong(values.getProperty("commits")),
                    Long.parseLong(values.getProperty("errors")),
                    Double.parseDouble(values.getProperty("p50Millis")),
                    Double.parseDouble(values.getProperty("p99Millis")),
                    Double.parseDouble(values.getProperty("maxMillis")),
                    Long.parseLong(values.getProperty("maxId")));
        }
    }

    /**
     * Arguments: data directory, commits per second, seconds between compactions. Prints {@code ready} after the first
     * commit, writes until its standard input ends, and then prints its report.
     */
    public static void main(String[] arguments) throws Exception {
        try (KineDatabase kine = KineDatabase.open(Path.of(arguments[0]))) {
            KineWriter writer = new KineWriter(
                    kine, Double.parseDouble(arguments[1]), Duration.ofSeconds(Long.parseLong(arguments[2])), 7);
            Thread watch = new Thread(writer::stopAtEndOfInput, "stop");
            watch.setDaemon(true);
            watch.start();
            System.out.println(writer.write().line());
        }
    }

    private void stopAtEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Only its end counts.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            stopped = true;
        }
    }

    private Report write() throws SQLException {
        long[] nanos = new long[1024];
        int commits = 0;
        long errors = 0;
        long interval = (long) (1e9 / commitsPerSecond);
        long next = System.nanoTime();
        long compaction = next + compactEvery.toNanos();
        while (!stopped) {
            next += interval;
            LockSupport.parkNanos(Math.max(0, next - System.nanoTime()));
            long began = System.nanoTime();
            try {
                kine.execute("BEGIN IMMEDIATE");
                String name = "/registry/leases/kube-node-lease/writer-" + random.nextInt(KEYS);
                kine.put(name, StoredValue.at(name, content()));
                kine.execute("COMMIT");
            } catch (SQLException e) {
                errors++;
            }
            long took = System.nanoTime() - began;
            if (commits == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * nanos.length);
            }
            nanos[commits++] = took;
            if (commits == 1) {
                System.out.println("ready");
            }
            if (System.nanoTime() > compaction) {
                kine.execute("BEGIN IMMEDIATE");
                kine.compact(Math.max(0, kine.maxId() - KEPT_REVISIONS));
                kine.execute("COMMIT");
                kine.checkpoint();
                compaction = System.nanoTime() + compactEvery.toNanos();
            }
        }
        long[] sorted = Arrays.copyOf(nanos, commits);
        Arrays.sort(sorted);
        return new Report(
                commits, errors, percentile(sorted, 50), percentile(sorted, 99), percentile(sorted, 100), kine.maxId());
    }

    private byte[] content() {
        byte[] content = new byte[3000 + random.nextInt(7000)];
        random.nextBytes(content);
        return content;
    }

    private static double percentile(long[] sorted, int percent) {
        int index = Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1);
        return sorted.length == 0 ? 0 : sorted[index] / 1e6;
    }

    /** Starts a writer in a process of its own and waits for its first commit. */
    public static Running spawn(Path dataDir, double commitsPerSecond, Duration compactEvery) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KineWriter.class.getName(),
                        dataDir.toString(),
                        Double.toString(commitsPerSecond),
                        Long.toString(Math.max(1, compactEvery.toSeconds())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Running running = new Running(process);
        running.awaitReady();
        return running;
    }

    /** A writer at work in another process. */
    public static final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        private Running(Process process) {
            this.process = process;
            this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        private void awaitReady() throws IOException {
            String line = output.readLine();
            if (!"ready".equals(line)) {
                close();
                throw new IOException("the writer did not start: " + line);
            }
        }

        /** Stops it cleanly, as {@code systemctl stop k3s} would. */
        public Report stop() throws IOException {
            process.getOutputStream().close();
            String line = output.readLine();
            if (line == null) {
                throw new IOException("the writer ended without a report");
            }
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Report.parse(line);
        }

        /** Kills it (SIGKILL): its log and index stay behind. */
        public void kill() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
            try {
                process.waitFor(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
