package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.ChosenBackup;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "copy", description = "Copy a backup to another sink, checking it on the way.")
final class CopyCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(paramLabel = "ID", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(names = "--to", paramLabel = "SINK", description = "The sink (default: those of the job's copies).")
    @Nullable
    String sink;

    CopyCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(session -> {
            String name = session.oneJob(id);
            return cli.attempt(name, "copy", () -> {
                Job job = session.job(name);
                List<NamedSink> targets = targets(session, job);
                ChosenBackup backup = session.tellLacks(job, session.choose(job, id), "copy");
                List<CopyReport> reports = new ArrayList<>();
                List<ExitCode> codes = new ArrayList<>();
                codes.add(backup.code());
                for (NamedSink target : targets) {
                    codes.add(cli.attempt(name, "copy", () -> {
                        reports.add(session.engine().copy(job, backup.id(), target, cli.mode()));
                        return ExitCode.OK;
                    }));
                }
                cli.print(
                        reports.stream()
                                .map(report -> backup.in(ReportJson.of(report)))
                                .toList(),
                        () -> reports.stream().map(ReportText::of).collect(Collectors.joining()));
                return ExitCode.worst(codes);
            });
        });
    }

    private List<NamedSink> targets(Session session, Job job) throws BackupException {
        if (sink != null) {
            if (sink.equals(job.sink().name())) {
                throw new BackupException(
                        Kind.CONFIG,
                        "sink '" + sink + "'",
                        "is where the backup already is",
                        "name another sink with --to");
            }
            return List.of(session.components().sinks().writable(sink));
        }
        if (job.copies().isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG, "job '" + job.name() + "'", "has no 'copies'", "name the sink with --to SINK");
        }
        List<NamedSink> targets = new ArrayList<>();
        for (CopyTarget copy : job.copies()) {
            targets.add(session.components().sinks().writable(copy.sink().name()));
        }
        return targets;
    }
}
