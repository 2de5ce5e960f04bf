package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.Failure;
import cloud.lvs.backup.core.Job;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Quantities;
import cloud.lvs.backup.runner.output.Table;
import cloud.lvs.backup.runner.output.Trees;
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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", description = "List backups, newest first.")
final class ListCommand implements Callable<Integer> {
    private final Cli cli;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "At most so many (default: ${DEFAULT-VALUE}).")
    int limit;

    @Option(names = "--after", paramLabel = "ID", description = "Go on behind this backup.")
    @Nullable
    String after;

    ListCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (limit < 1) {
            throw new BackupException(Kind.CONFIG, "--limit", "is less than 1", "ask for at least one backup");
        }
        return cli.work(this::list);
    }

    private ExitCode list(Work work) throws IOException, InterruptedException {
        Map<String, Job> jobs = new LinkedHashMap<>();
        List<BackupSummary> backups = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : work.oneOrAllJobs()) {
            codes.add(cli.attempt(name, "list", () -> {
                Job job = work.job(name);
                backups.addAll(work.engine().list(job));
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
        List<Map<String, Object>> documents = new ArrayList<>();
        var table = new Table("ID", "CAPTURED", "AGE", "OUTCOME", "ITEMS", "SIZE", "HELD");
        for (BackupSummary backup : page) {
            Job job = jobs.get(backup.id().job());
            if (job != null) {
                codes.add(show(work, job, backup, documents, table));
            }
        }
        cli.print(documents, table::toString);
        if (page.size() < backups.size()) {
            cli.console()
                    .say(page.size() + " of " + backups.size() + " backups are listed; go on with --after "
                            + page.get(page.size() - 1).id());
        }
        return ExitCode.worst(codes);
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

    private ExitCode show(Work work, Job job, BackupSummary backup, List<Map<String, Object>> documents, Table table)
            throws InterruptedException {
        Duration age = Duration.between(backup.timestamp(), cli.host().clock().instant());
        String held = backup.hold() == BackupSummary.Hold.HELD ? "held" : "";
        try {
            Manifest manifest = work.engine().show(job, backup.id());
            documents.add(Trees.listed(backup, manifest));
            table.row(
                    backup.id().toString(),
                    backup.timestamp().toString(),
                    Quantities.duration(age),
                    backup.outcome().name(),
                    Long.toString(manifest.items().stream()
                            .filter(item -> item.status() == ItemResult.Status.DONE)
                            .count()),
                    Quantities.bytes(manifest.artifacts().stream()
                            .mapToLong(StoredArtifact::storedBytes)
                            .sum()),
                    held);
            return ExitCode.OK;
        } catch (IOException e) {
            Failure failure = Failure.of(job.name(), "list", e);
            documents.add(Trees.unreadable(backup, failure.target() + ": " + failure.problem()));
            table.row(
                    backup.id().toString(),
                    backup.timestamp().toString(),
                    Quantities.duration(age),
                    backup.outcome().name(),
                    "?",
                    "?",
                    held);
            return cli.tell(failure);
        }
    }
}
