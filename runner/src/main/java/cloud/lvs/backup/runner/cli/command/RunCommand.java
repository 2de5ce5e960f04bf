package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.OutputFile;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.text.ReportText;
import cloud.lvs.backup.runner.output.Console;
import cloud.lvs.backup.runner.output.HumanReadable;
import cloud.lvs.backup.runner.output.JsonDocuments;
import cloud.lvs.backup.runner.output.LogFields;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "run", description = "Back up: the jobs named, or all, one after the other.")
final class RunCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(paramLabel = "JOB", arity = "0..*", description = "Jobs to run.")
    List<String> jobs = List.of();

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write the report as JSON, when everything is done; - is standard output, instead of the"
                    + " result.")
    @Nullable
    Path report;

    RunCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        OutputFile file = report == null ? null : OutputFile.of(cli, "--report", report);
        return cli.work(session -> run(session, file));
    }

    private ExitCode run(Session session, @Nullable OutputFile file) throws IOException, InterruptedException {
        Set<String> names = new LinkedHashSet<>(jobs);
        if (names.isEmpty() || cli.options().job != null) {
            names.addAll(session.oneOrAllJobs());
        }
        for (String name : names) {
            session.requireKnown(name);
        }
        Instant began = cli.host().clock().instant();
        List<RunReport> reports = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : names) {
            MDC.put("job", name);
            RunReport run = run(session, name);
            session.progress().clear();
            tell(run, session);
            MDC.clear();
            reports.add(run);
            codes.add(ExitCode.of(run));
            if (codes.contains(ExitCode.CANCELLED)) {
                break;
            }
        }
        // An interrupt has done its work; what is left is to report.
        boolean interrupted = Thread.interrupted();
        ExitCode code = ExitCode.worst(codes);
        Map<String, Object> document = document(began, reports, code);
        // The backups are made: a result that gets lost makes nothing of them worse than partial.
        if (file == null || !file.isStandardOutput()) {
            codes.add(cli.printResult(document, () -> ReportText.runs(reports)));
        }
        if (file != null) {
            codes.add(file.write(document, ExitCode.PARTIAL));
        }
        return interrupted ? ExitCode.CANCELLED : ExitCode.worst(codes);
    }

    private RunReport run(Session session, String name) {
        Instant began = cli.host().clock().instant();
        try {
            return session.engine().run(session.jobs().writable(name), cli.mode());
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (BackupException | RuntimeException | Error e) {
            return new RunReport(
                    name,
                    null,
                    Outcome.FAILED,
                    began,
                    cli.host().clock().instant(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Map.of(),
                    List.of(),
                    List.of(Failure.of(name, "start", e)),
                    null,
                    List.of(),
                    List.of());
        }
    }

    private Map<String, Object> document(Instant began, List<RunReport> reports, ExitCode code) {
        return JsonDocuments.tree(
                "tool",
                Map.of("lvs-backup", ProgramVersion.current(), "java", ProgramVersion.java()),
                "mode",
                cli.mode(),
                "startedAt",
                began,
                "finishedAt",
                cli.host().clock().instant(),
                "exitCode",
                code.number(),
                "runs",
                reports.stream().map(JsonDocuments::run).toList());
    }

    private void tell(RunReport run, Session session) {
        Console console = cli.console();
        for (String warning : run.warnings()) {
            if (!session.progress().hasTold(warning)) {
                console.warn("job " + run.job() + ": warning: " + warning);
            }
        }
        for (ItemResult item : run.items()) {
            if (item.status() != ItemResult.Status.DONE) {
                console.warn("job " + run.job() + ": item " + item.item() + ": "
                        + item.status().name().toLowerCase(Locale.ROOT) + ": " + item.reason());
            }
        }
        run.failures().forEach(cli::tell);
        console.say(new LogFields(run.job(), "", run.outcome().name()), summary(run));
        for (CopyReport copy : run.copies()) {
            console.say("job " + run.job() + ": copy: " + ReportText.copy(copy));
        }
        for (PruneReport retention : run.retentions()) {
            console.say("job " + run.job() + ": retention: " + ReportText.prune(retention));
        }
        if (cli.options().verbose) {
            run.stages()
                    .forEach((stage, duration) -> console.say(
                            "job " + run.job() + ": " + stage + " took " + HumanReadable.duration(duration)));
        }
    }

    private String summary(RunReport run) {
        Duration took = Duration.between(run.startedAt(), run.finishedAt());
        long plain =
                run.artifacts().stream().mapToLong(StoredArtifact::plainBytes).sum();
        long stored =
                run.artifacts().stream().mapToLong(StoredArtifact::storedBytes).sum();
        long items = run.items().stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .count();
        String session = cli.options().dryRun
                ? "dry run, " + HumanReadable.count(run.inventory().size(), "item") + " found"
                : HumanReadable.count(items, "item") + ", "
                        + HumanReadable.count(run.artifacts().size(), "artifact") + ", " + HumanReadable.bytes(plain)
                        + " stored as " + HumanReadable.bytes(stored);
        return "job " + run.job() + ": " + run.outcome() + (run.id() == null ? "" : " " + run.id()) + ": " + session
                + ", " + HumanReadable.duration(took);
    }
}
