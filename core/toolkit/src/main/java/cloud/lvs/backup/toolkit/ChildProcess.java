package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A child process that does not outlive its owner. A guard kills it, with all it started, when the thread that started it is
 * interrupted, when the run may not go on, or when its time is up, even while that thread is blocked reading from it.
 *
 * <p>The thread that starts it is its owner and closes it; its streams may be used from others.
 */
public final class ChildProcess implements AutoCloseable {
    /** Where a child reads from. */
    public enum Input {
        /** Nothing: {@code /dev/null}. */
        NONE,
        /** From {@link ChildProcess#input()}. */
        FED
    }

    /** Where the output of a child goes. */
    public enum Output {
        /** To {@link ChildProcess#output()}. */
        STREAMED,
        /** Nowhere. */
        DISCARDED
    }

    /**
     * How a child ended by itself.
     *
     * @param code its exit code
     * @param errors the end of what it wrote to standard error
     */
    public record Exit(int code, String errors) {
        /** Where Java, like a shell, puts the number of the signal that ended a process. */
        private static final int SIGNALLED = 128;

        /** Whether the program says that it succeeded. What it wrote may still be cut: see {@link DumpEnd}. */
        public boolean isSuccess() {
            return code == 0;
        }

        /**
         * How it ended and the last it said, e.g. {@code ended with exit code 3: access denied}. What a program says may hold a
         * secret that it was given.
         */
        public String inWords() {
            String end = code > SIGNALLED && code <= SIGNALLED + 64
                    ? "was ended by signal " + (code - SIGNALLED)
                    : "ended with exit code " + code;
            return errors.lines()
                    .filter(line -> !line.isBlank())
                    .reduce((earlier, later) -> later)
                    .map(last -> end + ": " + last.strip())
                    .orElse(end);
        }
    }

    /** Marks a child and everything it starts, so that what was orphaned can still be found. */
    private static final String MARK = "LVS_BACKUP_CHILD";

    private static final Duration WATCH_EVERY = Duration.ofMillis(100);
    private static final int CHECK_RUN_EVERY = 10;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int MOST_ROUNDS = 10;
    /** How long the output of a process that has ended may stay open and silent. */
    private static final Duration ORPHANED_AFTER = Duration.ofSeconds(5);

    private final Command command;
    private final Process process;
    private final String mark;
    private final Thread owner;
    private final RunContext run;
    private final @Nullable Duration limit;
    private final long startedAt = System.nanoTime();
    private final TailBuffer errors = new TailBuffer();
    private final Thread drain;
    private final Thread guard;
    private final AtomicReference<@Nullable Throwable> stoppedBy = new AtomicReference<>();
    private volatile long readingSince;
    /** Nobody reads any more: the end of the process is the end of the watch. */
    private volatile boolean readOut;

    private volatile boolean closed;

    private ChildProcess(Command command, Process process, String mark, RunContext run, @Nullable Duration limit) {
        this.command = command;
        this.process = process;
        this.mark = mark;
        this.owner = Thread.currentThread();
        this.run = run;
        this.limit = limit;
        this.drain = daemon("stderr", () -> errors.drain(process.getErrorStream()));
        this.guard = daemon("guard", this::watch);
    }

    /**
     * Starts a program.
     *
     * @param limit how long it may take, or null for as long as it takes
     * @throws BackupException of kind {@code CONFIG} if it cannot be started
     * @throws InterruptedException if asked to stop before that
     */
    public static ChildProcess start(
            Command command, Input input, Output output, @Nullable Duration limit, RunContext run)
            throws BackupException, InterruptedException {
        run.checkpoint();
        String mark = UUID.randomUUID().toString();
        List<String> line = new ArrayList<>();
        line.add(command.program().toString());
        line.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(command.fullEnvironment());
        builder.environment().put(MARK, mark);
        if (input == Input.NONE) {
            builder.redirectInput(new File("/dev/null"));
        }
        if (output == Output.DISCARDED) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        try {
            ChildProcess child = new ChildProcess(command, builder.start(), mark, run, limit);
            child.drain.start();
            child.guard.start();
            return child;
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    command.program().toString(),
                    "cannot be started: " + e.getMessage(),
                    "install it for this machine, readable and executable for the user of this process",
                    e);
        }
    }

    /** What the process writes; ends when it ends. Closing it is optional. */
    public InputStream output() {
        return new Watched(process.getInputStream());
    }

    /** What the process reads; closing it tells it the end. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /**
     * Waits for the end. With streamed output, to be called once it was read to its end.
     *
     * @throws InterruptedException if the owner was asked to stop
     * @throws BackupException if it was killed because its time or that of the run was up
     */
    public Exit await() throws BackupException, InterruptedException {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            killTree();
            throw e;
        }
        readOut = true;
        guard.join();
        Throwable reason = stoppedBy.get();
        if (reason instanceof InterruptedException) {
            Thread.interrupted();
            throw new InterruptedException("asked to stop");
        }
        if (reason instanceof BackupException e) {
            throw e;
        }
        drain.join(GRACE.toMillis());
        return new Exit(process.exitValue(), errors.text());
    }

    /** How the process ended, if it has; for one whose output is discarded. */
    public Optional<Exit> ended() throws InterruptedException {
        if (process.isAlive()) {
            return Optional.empty();
        }
        drain.join(GRACE.toMillis());
        return Optional.of(new Exit(process.exitValue(), errors.text()));
    }

    /** Kills what still runs and waits until it is gone; works on an interrupted thread. */
    @Override
    public void close() {
        closed = true;
        if (process.isAlive() || !marked().isEmpty()) {
            killTree();
        }
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "child-" + name);
        thread.setDaemon(true);
        return thread;
    }

    // Watching

    private void watch() {
        int round = 0;
        while (!closed) {
            Throwable reason = reasonToStop(++round % CHECK_RUN_EVERY == 0);
            if (reason != null) {
                stoppedBy.compareAndSet(null, reason);
                killTree();
                return;
            }
            endOrphans();
            try {
                if (process.waitFor(WATCH_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                    if (readOut) {
                        return;
                    }
                    Thread.sleep(WATCH_EVERY.toMillis());
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private @Nullable Throwable reasonToStop(boolean alsoByTheRun) {
        if (owner.isInterrupted()) {
            return new InterruptedException("asked to stop");
        }
        if (limit != null && System.nanoTime() - startedAt > limit.toNanos()) {
            return new BackupException(
                    Kind.FAILED,
                    command.name(),
                    "did not end within " + (limit.toMillis() + 999) / 1000 + " s and was stopped",
                    "find out what it waits for, or allow it more time");
        }
        if (alsoByTheRun) {
            try {
                run.checkpoint();
            } catch (BackupException | InterruptedException e) {
                return e;
            }
        }
        return null;
    }

    /**
     * Ends what keeps the output of an ended process open, so that its reader comes to an end. Whether the output is whole
     * is for the reader to judge, as always.
     */
    private void endOrphans() {
        long since = readingSince;
        if (!process.isAlive() && since != 0 && System.nanoTime() - since > ORPHANED_AFTER.toNanos()) {
            run.warn(command.name() + " left processes behind that keep its output open; they are ended");
            killTree();
        }
    }

    /** Notes while a reader waits, so that an end that never comes is noticed. */
    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            readingSince = System.nanoTime() | 1;
            try {
                return in.read(buffer, offset, length);
            } finally {
                readingSince = 0;
            }
        }
    }

    // Killing

    /**
     * Asks all processes to end, children first, and after a while makes them. A shell whose child was killed may start the
     * next one meanwhile, so it is looked again until nothing is left. Signals go by handle and leave the streams open: what a
     * killed process still had to say can be read.
     */
    private synchronized void killTree() {
        Map<Long, ProcessHandle> all = new LinkedHashMap<>();
        process.descendants().forEach(each -> all.put(each.pid(), each));
        marked().forEach(each -> all.put(each.pid(), each));
        all.put(process.pid(), process.toHandle());
        all.values().forEach(ProcessHandle::destroy);
        awaitEnd(all);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            marked().forEach(each -> all.put(each.pid(), each));
            all.values().removeIf(each -> !each.isAlive());
            if (all.isEmpty()) {
                return;
            }
            all.values().forEach(ProcessHandle::destroyForcibly);
            awaitEnd(all);
        }
    }

    private static void awaitEnd(Map<Long, ProcessHandle> handles) {
        long until = System.nanoTime() + GRACE.toNanos();
        boolean interrupted = false;
        try {
            while (handles.values().stream().anyMatch(ProcessHandle::isAlive)) {
                if (System.nanoTime() > until) {
                    return;
                }
                try {
                    Thread.sleep(10);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What bears the mark; a process whose parent has died belongs to nobody's descendants. Linux alone can tell. */
    private List<ProcessHandle> marked() {
        String wanted = MARK + '=' + mark;
        List<ProcessHandle> result = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path each : processes) {
                if (environmentOf(each).contains(wanted)) {
                    Optional<ProcessHandle> handle =
                            ProcessHandle.of(Long.parseLong(each.getFileName().toString()));
                    handle.filter(ProcessHandle::isAlive).ifPresent(result::add);
                }
            }
        } catch (IOException e) {
            // Without /proc the descendants have to do.
        }
        return result;
    }

    private static String environmentOf(Path process) {
        try {
            return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
