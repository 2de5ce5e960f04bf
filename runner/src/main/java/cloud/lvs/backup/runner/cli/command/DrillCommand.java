package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.ChosenBackup;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.OutputFile;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.runner.cli.session.SourceOptions;
import cloud.lvs.backup.runner.cli.text.CompletedDrill;
import cloud.lvs.backup.runner.cli.text.DrillMarkdown;
import cloud.lvs.backup.runner.config.InvalidConfigurationException;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "drill",
        description = "Rehearse a restore: into a scratch place, checked, timed and removed. Without a job, of all.")
final class DrillCommand implements Callable<Integer> {
    private static final String LATEST = "latest";
    private static final String MARKDOWN = ".md";

    private final CommandContext cli;

    @Parameters(
            paramLabel = "ID",
            arity = "0..1",
            defaultValue = LATEST,
            description = "The backup, a unique beginning of its id, or latest (the default).")
    String id = LATEST;

    @Mixin
    SinkOption sink = new SinkOption();

    @Mixin
    SourceOptions options = new SourceOptions();

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "Write the report, when everything is done: as JSON to FILE.json, as Markdown to FILE.md; - is"
                            + " standard output (JSON, instead of the result); may be given again.")
    List<Path> reports = List.of();

    DrillCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        List<OutputFile> files = new ArrayList<>();
        for (Path report : reports) {
            OutputFile file = OutputFile.of(cli, "--report", report);
            if (file.isRegular() && !file.hasExtension(".json") && !file.hasExtension(MARKDOWN)) {
                throw new BackupException(
                        Kind.CONFIG, "--report " + report, "ends neither in .json nor in .md", "name it so");
            }
            files.add(file);
        }
        return cli.work(session -> drill(session, files));
    }

    private ExitCode drill(Session session, List<OutputFile> files) throws Exception {
        List<String> names = id.equals(LATEST) ? sink.oneOrAllJobs(session) : List.of(session.oneJob(id));
        if (options.areGiven() && names.size() > 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "--set",
                    "is for the source of one job, and there are several",
                    "say which with -j JOB");
        }
        Instant began = cli.host().clock().instant();
        List<CompletedDrill> drills = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : names) {
            codes.add(drill(session, name, drills, failures));
            if (codes.contains(ExitCode.CANCELLED)) {
                break;
            }
        }
        // An interrupt has done its work; what is left is to report.
        Thread.interrupted();
        ExitCode code = ExitCode.worst(codes);
        for (OutputFile file : files) {
            codes.add(write(file, began, drills, failures, code));
        }
        if (files.stream().anyMatch(OutputFile::isStandardOutput)) {
            return ExitCode.worst(codes);
        }
        codes.add(cli.printResult(
                document(began, drills, failures, code),
                () -> drills.stream()
                        .map(drill -> ReportText.of(
                                drill.report(), cli.mode(), drill.backup().lacks()))
                        .collect(Collectors.joining())));
        return ExitCode.worst(codes);
    }

    private ExitCode drill(Session session, String name, List<CompletedDrill> drills, List<Failure> failures)
            throws InvalidConfigurationException {
        try {
            Record chosen = options.bind(session, name);
            Job job = sink.job(session, name);
            ChosenBackup backup = session.choose(job, id);
            DrillReport report = session.engine()
                    .drill(
                            job,
                            backup.id(),
                            chosen,
                            session.components().scratch().directory(),
                            cli.mode());
            session.progress().clear();
            drills.add(new CompletedDrill(report, backup));
            ExitCode code = tell(report, session);
            if (code == ExitCode.OK) {
                ChosenBackup whole = session.tellLacks(job, backup, "drill");
                drills.set(drills.size() - 1, new CompletedDrill(report, whole));
                code = whole.code();
            }
            return code;
        } catch (IOException | InterruptedException | RuntimeException | LinkageError e) {
            Failure failure = Failure.of(name, "drill", e);
            failures.add(failure);
            return cli.tell(failure);
        }
    }

    private ExitCode tell(DrillReport report, Session session) {
        String job = "job " + report.id().job() + ": ";
        for (String warning : report.warnings()) {
            if (!session.progress().hasTold(warning)) {
                cli.console().warn(ReportText.warning(report.id().job(), warning));
            }
        }
        for (Check check : report.verification().checks()) {
            if (check.status() == Check.Status.FAILED) {
                cli.console()
                        .error(job + "drill: backup " + report.id() + ": " + check.name() + ": "
                                + ReportText.withRemedy(check.detail(), ReportText.remedy(check, "drill")));
            }
        }
        return report.verification().passed() ? ExitCode.OK : ExitCode.VERIFICATION;
    }

    private JsonObject document(Instant began, List<CompletedDrill> drills, List<Failure> failures, ExitCode code) {
        JsonObject document = new JsonObject()
                .put("tool", ProgramVersion.tool())
                .put("mode", cli.mode())
                .put("startedAt", began)
                .put("finishedAt", cli.host().clock().instant())
                .put("exitCode", code.number())
                .put(
                        "drills",
                        drills.stream()
                                .map(drill -> drill.backup().in(ReportJson.of(drill.report())))
                                .toList())
                .put("failures", failures.stream().map(ReportJson::of).toList());
        return sink.name == null ? document : document.put("sink", sink.name);
    }

    private ExitCode write(
            OutputFile file, Instant began, List<CompletedDrill> drills, List<Failure> failures, ExitCode code) {
        return file.hasExtension(MARKDOWN)
                ? file.write(DrillMarkdown.of(began, drills, failures), ExitCode.PARTIAL)
                : file.write(document(began, drills, failures, code), ExitCode.PARTIAL);
    }
}
