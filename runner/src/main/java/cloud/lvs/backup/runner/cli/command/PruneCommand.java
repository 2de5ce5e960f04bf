package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "prune",
        description =
                "Delete what retention does not keep, and what dead runs left. Without --yes it only prints the plan.")
final class PruneCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Option(names = "--yes", description = "Do it.")
    boolean yes;

    @Mixin
    SinkOption sink = new SinkOption();

    PruneCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(this::prune);
    }

    private ExitCode prune(Session session) throws IOException, InterruptedException {
        Mode mode = yes ? cli.mode() : Mode.DRY_RUN;
        List<PruneReport> reports = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : sink.oneOrAllJobs(session)) {
            codes.add(cli.attempt(name, "prune", () -> {
                List<PruneReport> done = prune(session, session.job(name), mode);
                reports.addAll(done);
                done.forEach(this::warn);
                return done.stream().anyMatch(PruneCommand::isUnfinished) ? ExitCode.PARTIAL : ExitCode.OK;
            }));
        }
        List<Map<BackupId, List<String>>> keys = new ArrayList<>();
        for (PruneReport report : reports) {
            keys.add(cli.options().verbose ? keys(session, report) : Map.of());
        }
        List<JsonObject> documents = IntStream.range(0, reports.size())
                .mapToObj(i -> ReportJson.of(reports.get(i), keys.get(i)))
                .toList();
        cli.print(
                documents,
                () -> IntStream.range(0, reports.size())
                        .mapToObj(i -> ReportText.of(reports.get(i), keys.get(i)))
                        .collect(Collectors.joining()));
        if (mode == Mode.DRY_RUN && ExitCode.worst(codes) == ExitCode.OK) {
            cli.console().say("this is the plan, nothing was deleted; add --yes to do it");
        }
        return ExitCode.worst(codes);
    }

    private List<PruneReport> prune(Session session, Job job, Mode mode) throws IOException, InterruptedException {
        return sink.name == null
                ? session.engine().prune(job, mode)
                : List.of(
                        session.engine().prune(job, session.components().sinks().named(sink.name), mode));
    }

    /** The payload of what a plan would delete. */
    private Map<BackupId, List<String>> keys(Session session, PruneReport report)
            throws IOException, InterruptedException {
        Map<BackupId, List<String>> keys = new LinkedHashMap<>();
        if (report.mode() == Mode.EXECUTE) {
            return keys;
        }
        Job job = session.jobs().named(report.job(), report.sink());
        for (BackupId id : report.dropped()) {
            try {
                keys.put(
                        id,
                        session.engine().show(job, id).artifacts().stream()
                                .map(artifact -> artifact.key().value())
                                .toList());
            } catch (BackupException e) {
                cli.console()
                        .warn("job " + report.job() + ": prune: " + id + ": its keys cannot be told: " + e.problem());
            }
        }
        return keys;
    }

    private void warn(PruneReport report) {
        String where = "job " + report.job() + ": prune: sink " + report.sink() + ": ";
        if (!report.skipped().isEmpty()) {
            cli.console().warn(where + "nothing was decided: " + report.skipped());
        }
        for (Flaw flaw : report.flaws()) {
            if (flaw.isLost()) {
                cli.console().error(where + flaw + " (find out what deletes or changes objects there)");
            } else {
                cli.console().warn(where + flaw);
            }
        }
        report.locked()
                .forEach((key, reason) ->
                        cli.console().warn(where + key + " " + reason + "; the first prune after that deletes it"));
        report.unreadable()
                .forEach((what, reason) ->
                        cli.console().warn(where + what + " stays: what belongs to it cannot be read now: " + reason));
        for (String left : report.leftoversInWords()) {
            cli.console()
                    .error(where + "could not delete " + left
                            + " (the next prune tries again; where the store refuses, use another key for retention)");
        }
    }

    private static boolean isUnfinished(PruneReport report) {
        return !report.skipped().isEmpty()
                || !report.leftovers().isEmpty()
                || report.flaws().stream().anyMatch(Flaw::isLost);
    }
}
