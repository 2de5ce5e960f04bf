package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.HumanReadable;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.OutputFile;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.output.Console;
import cloud.lvs.backup.runner.output.LogFields;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
        JsonObject document = document(began, reports, code);
        // The backups are made: a result that gets lost makes nothing of them worse than partial.
        if (file == null || !file.isStandardOutput()) {
            codes.add(cli.printResult(document, () -> ReportText.table(reports)));
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
            return RunReport.of(name, cli.mode(), began)
                    .failures(List.of(Failure.of(name, "start", e)))
                    .finishedAt(cli.host().clock().instant());
        }
    }

    private JsonObject document(Instant began, List<RunReport> reports, ExitCode code) {
        return new JsonObject()
                .put("tool", ProgramVersion.tool())
                .put("mode", cli.mode())
                .put("startedAt", began)
                .put("finishedAt", cli.host().clock().instant())
                .put("exitCode", code.number())
                .put("runs", reports.stream().map(ReportJson::of).toList());
    }

    private void tell(RunReport run, Session session) {
        Console console = cli.console();
        for (String warning : run.warnings()) {
            if (!session.progress().hasTold(warning)) {
                console.warn(ReportText.warning(run.job(), warning));
            }
        }
        for (ItemResult item : run.items()) {
            // Those that failed are among the failures.
            if (item.status() == ItemResult.Status.SKIPPED) {
                console.warn(ReportText.notDone(run.job(), item));
            }
        }
        run.failures().forEach(cli::tell);
        console.say(new LogFields(run.job(), "", run.outcome().name()), ReportText.summary(run));
        ReportText.afterwards(run).forEach(console::say);
        if (cli.options().verbose) {
            run.stages()
                    .forEach((stage, duration) -> console.say(
                            "job " + run.job() + ": " + stage + " took " + HumanReadable.duration(duration)));
        }
    }
}
