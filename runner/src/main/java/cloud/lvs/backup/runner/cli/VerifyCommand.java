package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.Job;
import cloud.lvs.backup.core.VerifyReport;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Trees;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "verify", description = "Prove that a stored backup is whole.")
final class VerifyCommand implements Callable<Integer> {
    private final Cli cli;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(names = "--all", description = "Every backup instead of one.")
    boolean all;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            defaultValue = "checksum",
            description =
                    "stored (presence and size), checksum (read back; needs no key) or content (decoded and checked by"
                            + " the source). Default: ${DEFAULT-VALUE}.")
    Level level = Level.CHECKSUM;

    VerifyCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (all == !id.isEmpty()) {
            throw new BackupException(Kind.CONFIG, "verify", "needs either an ID or --all", "write e.g. verify latest");
        }
        return cli.work(this::verify);
    }

    private ExitCode verify(Work work) throws IOException, InterruptedException {
        List<VerifyReport> reports = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : all ? work.oneOrAllJobs() : List.of(work.oneJob(id))) {
            codes.add(cli.attempt(name, "verify", () -> {
                Job job = work.job(name);
                List<ExitCode> each = new ArrayList<>();
                for (BackupId backup : backups(work, job)) {
                    each.add(cli.attempt(name, "verify", () -> verify(work, job, backup, reports)));
                }
                return ExitCode.worst(each);
            }));
        }
        List<Map<String, Object>> documents =
                reports.stream().map(Trees::verify).toList();
        cli.print(all ? documents : documents.stream().findFirst().orElse(null), () -> {
            var text = new StringBuilder();
            for (VerifyReport report : reports) {
                text.append(report.id())
                        .append(": ")
                        .append(Words.of(report.level()))
                        .append(": ");
                text.append(report.verification().passed() ? "passed" : "FAILED")
                        .append('\n');
                text.append(Words.checks(report.verification().checks()));
            }
            return text.toString();
        });
        return ExitCode.worst(codes);
    }

    private List<BackupId> backups(Work work, Job job) throws IOException, InterruptedException {
        return all
                ? work.engine().list(job).stream().map(BackupSummary::id).toList()
                : List.of(work.engine().resolve(job, id));
    }

    private ExitCode verify(Work work, Job job, BackupId backup, List<VerifyReport> reports)
            throws IOException, InterruptedException {
        VerifyReport report = work.engine().verify(job, backup, level);
        reports.add(report);
        for (String warning : report.warnings()) {
            if (!work.progress().hasTold(warning)) {
                cli.console().warn("job " + job.name() + ": warning: " + warning);
            }
        }
        if (report.verification().passed()) {
            return ExitCode.OK;
        }
        for (Check check : report.verification().checks()) {
            if (check.status() == Check.Status.FAILED) {
                cli.console()
                        .error("job " + job.name() + ": verify: backup " + backup + ": " + check.name() + ": "
                                + check.detail() + " (do not rely on this backup; verify the one before it)");
            }
        }
        return ExitCode.VERIFICATION;
    }
}
