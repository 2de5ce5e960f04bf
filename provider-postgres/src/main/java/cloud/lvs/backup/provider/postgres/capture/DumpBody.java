package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.dump.CompletenessCheck;
import cloud.lvs.backup.provider.postgres.dump.DumpFormat;
import cloud.lvs.backup.provider.postgres.program.ProgramDiagnostics;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ChildProcess;
import cloud.lvs.backup.toolkit.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one {@code pg_dump} or {@code pg_dumpall}. The process is started when the sink is open, and what it writes
 * counts only if it exits with 0, complained of nothing that matters, and wrote a whole dump.
 *
 * <p>Used once, by one thread. A failure of the dump is told apart from one of the sink by {@link #failure()}.
 */
final class DumpBody implements Body {
    /** The capacity of a pipe on Linux: more is never there at once. */
    private static final int CHUNK = 1 << 16;

    private static final int TRIES = 2;

    private final Command command;
    private final DumpFormat format;
    private final String subject;
    private final PostgresConfig config;
    private final @Nullable Duration limit;
    private final RunContext run;
    private final Map<String, String> facts;
    private final LongConsumer progress;
    private @Nullable BackupException failure;
    private boolean nothingYet = true;

    /**
     * @param subject what is dumped, for messages
     * @param limit how long it may take, or null
     * @param facts what the manifest says of the artifact
     * @param progress told of every chunk's size in bytes
     */
    DumpBody(
            Command command,
            DumpFormat format,
            String subject,
            PostgresConfig config,
            @Nullable Duration limit,
            RunContext run,
            Map<String, String> facts,
            LongConsumer progress) {
        this.command = command;
        this.format = format;
        this.subject = subject;
        this.config = config;
        this.limit = limit;
        this.run = run;
        this.facts = facts;
        this.progress = progress;
    }

    /** How the dump failed; empty if it did not, or if it was the sink that failed. */
    Optional<BackupException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public Map<String, String> writeTo(OutputStream out) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            Optional<ProgramDiagnostics.FailureKind> failed = attempt(out);
            if (failed.isEmpty()) {
                return facts;
            }
            BackupException reason = failure;
            if (reason != null
                    && (tries == TRIES || !nothingYet || failed.get() == ProgramDiagnostics.FailureKind.PERMANENT)) {
                throw reason;
            }
            failure = null;
        }
    }

    private Optional<ProgramDiagnostics.FailureKind> attempt(OutputStream out)
            throws IOException, InterruptedException {
        CompletenessCheck completeness = CompletenessCheck.of(format);
        ChildProcess.Exit exit;
        try (ChildProcess child = start()) {
            copy(child.output(), out, completeness);
            exit = await(child);
        }
        ProgramDiagnostics diagnostics = ProgramDiagnostics.of(command.name(), exit.errors());
        if (exit.code() != 0 || !diagnostics.errors().isEmpty()) {
            failure = failed(
                    command.name() + " failed with exit code " + exit.code() + ": " + diagnostics.summary(),
                    diagnostics.remedy(config));
            return Optional.of(diagnostics.failureKind());
        }
        Optional<String> flaw = completeness.flaw();
        if (flaw.isPresent()) {
            failure = failed(
                    command.name() + " reported success, but what it wrote " + flaw.get(),
                    "run again; if it recurs, check " + command.program());
            return Optional.of(ProgramDiagnostics.FailureKind.PERMANENT);
        }
        if (diagnostics.lacksSubscriptions() && !config.allowMissingSubscriptions()) {
            failure = failed(
                    "the dump lacks the subscriptions",
                    "connect as a superuser, or set allowMissingSubscriptions: true");
            return Optional.of(ProgramDiagnostics.FailureKind.PERMANENT);
        }
        diagnostics.warnings().stream()
                .limit(5)
                .forEach(warning -> run.warn(subject + ": " + command.name() + " warned: " + warning));
        return Optional.empty();
    }

    private BackupException failed(String problem, String remedy) {
        return new BackupException(Kind.SOURCE, subject, problem, remedy);
    }

    private ChildProcess start() throws BackupException, InterruptedException {
        try {
            return ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, limit, run);
        } catch (BackupException e) {
            failure = e;
            throw e;
        }
    }

    private ChildProcess.Exit await(ChildProcess child) throws BackupException, InterruptedException {
        try {
            return child.await();
        } catch (BackupException e) {
            // Its own time is up; that of the run is for the engine to tell.
            failure = failed(command.name() + " " + e.problem(), e.remedy());
            run.checkpoint();
            throw failure;
        }
    }

    private void copy(InputStream in, OutputStream out, CompletenessCheck completeness) throws IOException {
        byte[] buffer = new byte[CHUNK];
        for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
            nothingYet = false;
            completeness.take(buffer, 0, n);
            out.write(buffer, 0, n);
            progress.accept(n);
        }
    }

    private int read(InputStream in, byte[] buffer) throws IOException {
        try {
            return in.read(buffer, 0, buffer.length);
        } catch (IOException e) {
            failure = failed("the output of " + command.name() + " cannot be read: " + e.getMessage(), "run again");
            throw e;
        }
    }
}
