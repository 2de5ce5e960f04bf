package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.HumanReadable;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.TextTable;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "list", description = "List backups, newest first.")
final class ListCommand implements Callable<Integer> {
    private static final int READERS = 8;

    private final CommandContext cli;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "At most so many (default: ${DEFAULT-VALUE}).")
    int limit;

    @Option(names = "--after", paramLabel = "ID", description = "Go on behind this backup.")
    @Nullable
    String after;

    @Mixin
    SinkOption sink = new SinkOption();

    ListCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (limit < 1) {
            throw new BackupException(Kind.CONFIG, "--limit", "is less than 1", "ask for at least one backup");
        }
        return cli.work(this::list);
    }

    private ExitCode list(Session session) throws IOException, InterruptedException {
        Map<String, Job> jobs = new LinkedHashMap<>();
        List<BackupSummary> backups = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : sink.oneOrAllJobs(session)) {
            codes.add(cli.attempt(name, "list", () -> {
                Job job = sink.job(session, name);
                List<BackupSummary> found = session.engine().list(job);
                if (found.isEmpty()) {
                    cli.console()
                            .say("job " + name + ": list: there is no backup in sink "
                                    + job.sink().name());
                }
                backups.addAll(found);
                jobs.put(name, job);
                return ExitCode.OK;
            }));
        }
        backups.sort(Comparator.comparing(BackupSummary::id).reversed());
        if (after != null) {
            BackupId last = id(after);
            backups.removeIf(backup -> backup.id().compareTo(last) >= 0);
        }
        List<BackupSummary> page = backups.subList(0, Math.min(limit, backups.size()));
        List<JsonObject> documents = new ArrayList<>();
        var table = new TextTable("ID", "CAPTURED", "AGE", "OUTCOME", "ITEMS", "SIZE", "HELD");
        for (ListedBackup each : read(session, jobs, page)) {
            documents.add(each.document());
            table.row(each.row().toArray(String[]::new));
            if (each.failure() != null) {
                codes.add(cli.tell(each.failure()));
            }
        }
        cli.print(documents, () -> documents.isEmpty() ? "" : table.toString());
        if (page.size() < backups.size()) {
            cli.console()
                    .say(page.size() + " of " + backups.size() + " backups are listed; go on with --after "
                            + page.get(page.size() - 1).id());
        }
        return ExitCode.worst(codes);
    }

    /** What is listed of a backup, and why its manifest could not be read if it could not. */
    private record ListedBackup(
            JsonObject document, List<String> row, @Nullable Failure failure) {}

    /** A manifest takes a few requests that mostly wait for the store. */
    private List<ListedBackup> read(Session session, Map<String, Job> jobs, List<BackupSummary> page)
            throws InterruptedException {
        ExecutorService readers = Executors.newFixedThreadPool(Math.max(1, Math.min(READERS, page.size())), task -> {
            Thread thread = new Thread(task, "list");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Callable<ListedBackup>> readings = new ArrayList<>();
            for (BackupSummary backup : page) {
                Job job = Objects.requireNonNull(jobs.get(backup.id().job()));
                readings.add(() -> show(session, job, backup));
            }
            List<ListedBackup> shown = new ArrayList<>();
            for (Future<ListedBackup> reading : readers.invokeAll(readings)) {
                shown.add(reading.get());
            }
            return shown;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a manifest could not be shown", e.getCause());
        } finally {
            readers.shutdownNow();
        }
    }

    private static BackupId id(String text) throws BackupException {
        try {
            return BackupId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "--after",
                    String.valueOf(e.getMessage()),
                    "give the whole id of the last backup listed",
                    e);
        }
    }

    private ListedBackup show(Session session, Job job, BackupSummary backup) throws InterruptedException {
        try {
            Optional<Note> hold = hold(session, job, backup);
            Manifest manifest = session.engine().show(job, backup.id());
            long items = manifest.items().stream()
                    .filter(item -> item.status() == ItemResult.Status.DONE)
                    .count();
            long bytes = manifest.artifacts().stream()
                    .mapToLong(StoredArtifact::storedBytes)
                    .sum();
            return new ListedBackup(
                    ReportJson.listed(backup, manifest, hold),
                    row(backup, Long.toString(items), HumanReadable.bytes(bytes), hold),
                    null);
        } catch (IOException | RuntimeException | LinkageError e) {
            Failure failure = Failure.of(job.name(), "list", e);
            return new ListedBackup(
                    ReportJson.unreadable(backup, failure.target() + ": " + failure.problem()),
                    row(backup, "?", "?", Optional.empty()),
                    failure);
        }
    }

    private static Optional<Note> hold(Session session, Job job, BackupSummary backup)
            throws IOException, InterruptedException {
        return backup.hold() == BackupSummary.Hold.HELD
                ? session.engine().reasonForHold(job, backup.id())
                : Optional.empty();
    }

    private static String held(Optional<Note> hold) {
        return hold.map(Note::reason)
                .filter(reason -> !reason.isBlank())
                .map(reason -> "held: " + reason)
                .orElse("held");
    }

    private List<String> row(BackupSummary backup, String items, String size, Optional<Note> hold) {
        Duration age = Duration.between(backup.timestamp(), cli.host().clock().instant());
        return List.of(
                backup.id().toString(),
                backup.timestamp().toString(),
                HumanReadable.duration(age),
                backup.outcome().name(),
                items,
                size,
                backup.hold() == BackupSummary.Hold.HELD ? held(hold) : "");
    }
}
