package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.BackupEngine.Mode;
import cloud.lvs.backup.core.PruneReport;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "prune",
        description =
                "Delete what retention does not keep, and what dead runs left. Without --yes it only prints the plan.")
final class PruneCommand implements Callable<Integer> {
    private final Cli cli;

    @Option(names = "--yes", description = "Do it.")
    boolean yes;

    PruneCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(this::prune);
    }

    private ExitCode prune(Work work) throws IOException, InterruptedException {
        Mode mode = yes ? cli.mode() : Mode.DRY_RUN;
        List<PruneReport> reports = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : work.oneOrAllJobs()) {
            codes.add(cli.attempt(name, "prune", () -> {
                List<PruneReport> done = work.engine().prune(work.job(name), mode);
                reports.addAll(done);
                done.forEach(this::warn);
                return done.stream().anyMatch(PruneCommand::isUnfinished) ? ExitCode.PARTIAL : ExitCode.OK;
            }));
        }
        cli.print(reports.stream().map(Trees::prune).toList(), () -> {
            var text = new StringBuilder();
            for (PruneReport report : reports) {
                text.append("job ")
                        .append(report.job())
                        .append(": ")
                        .append(Words.prune(report))
                        .append('\n');
                text.append(Words.decisions(report));
            }
            return text.toString();
        });
        if (mode == Mode.DRY_RUN && ExitCode.worst(codes) == ExitCode.OK) {
            cli.console().say("this is the plan, nothing was deleted; add --yes to do it");
        }
        return ExitCode.worst(codes);
    }

    private void warn(PruneReport report) {
        String where = "job " + report.job() + ": prune: sink " + report.sink() + ": ";
        if (!report.skipped().isEmpty()) {
            cli.console().warn(where + "nothing was decided: " + report.skipped());
        }
        report.locked()
                .forEach((key, reason) ->
                        cli.console().warn(where + key + " " + reason + "; the first prune after that deletes it"));
        report.leftovers()
                .forEach((key, reason) -> cli.console()
                        .error(where + key + ": could not be deleted: " + reason
                                + " (give the key the right to delete; the next prune tries again)"));
    }

    private static boolean isUnfinished(PruneReport report) {
        return !report.skipped().isEmpty() || !report.leftovers().isEmpty();
    }
}
