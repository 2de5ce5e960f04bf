package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.config.InvalidConfigurationException;
import cloud.lvs.backup.runner.output.HumanReadable;
import cloud.lvs.backup.runner.output.JsonDocuments;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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

    private final Cli cli;

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

    DrillCommand(Cli cli) {
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
        return cli.work(work -> drill(work, files));
    }

    private ExitCode drill(Work work, List<OutputFile> files) throws Exception {
        List<String> names = id.equals(LATEST) ? sink.oneOrAllJobs(work) : List.of(work.oneJob(id));
        if (options.areGiven() && names.size() > 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "--set",
                    "is for the source of one job, and there are several",
                    "say which with -j JOB");
        }
        Instant began = cli.host().clock().instant();
        List<Drilled> drills = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        List<ExitCode> codes = new ArrayList<>();
        for (String name : names) {
            codes.add(drill(work, name, drills, failures));
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
        codes.add(cli.printResult(document(began, drills, failures, code), () -> {
            var text = new StringBuilder();
            for (Drilled drill : drills) {
                text.append(summary(drill)).append('\n').append(ReportText.drill(drill.report()));
            }
            return text.toString();
        }));
        return ExitCode.worst(codes);
    }

    private ExitCode drill(Work work, String name, List<Drilled> drills, List<Failure> failures)
            throws InvalidConfigurationException {
        try {
            Record chosen = options.bind(work, name);
            Job job = sink.job(work, name);
            Chosen backup = work.choose(job, id);
            DrillReport report = work.engine()
                    .drill(job, backup.id(), chosen, work.bench().scratch().directory(), cli.mode());
            work.progress().clear();
            drills.add(new Drilled(report, backup));
            ExitCode code = tell(report, work);
            if (code == ExitCode.OK) {
                Chosen whole = work.tellLacks(job, backup, "drill");
                drills.set(drills.size() - 1, new Drilled(report, whole));
                code = whole.code();
            }
            return code;
        } catch (IOException | InterruptedException | RuntimeException | LinkageError e) {
            Failure failure = Failure.of(name, "drill", e);
            failures.add(failure);
            return cli.tell(failure);
        }
    }

    private ExitCode tell(DrillReport report, Work work) {
        String job = "job " + report.id().job() + ": ";
        for (String warning : report.warnings()) {
            if (!work.progress().hasTold(warning)) {
                cli.console().warn(job + "warning: " + warning);
            }
        }
        for (Check check : report.verification().checks()) {
            if (check.status() == Check.Status.FAILED) {
                cli.console()
                        .error(job + "drill: backup " + report.id() + ": " + check.name() + ": " + check.detail()
                                + " (do not rely on this backup; drill the one before it)");
            }
        }
        return report.verification().passed() ? ExitCode.OK : ExitCode.VERIFICATION;
    }

    private String summary(Drilled drilled) {
        DrillReport report = drilled.report();
        String drill = report.id() + ": drill: ";
        String age = "RPO " + HumanReadable.duration(report.rpo());
        if (cli.mode() == Mode.DRY_RUN) {
            return drill + "dry run, " + age;
        }
        return drill + drilled.result() + ", " + age + ", RTO " + HumanReadable.duration(report.rto());
    }

    private Map<String, Object> document(Instant began, List<Drilled> drills, List<Failure> failures, ExitCode code) {
        Map<String, Object> document = JsonDocuments.tree(
                "tool",
                Map.of("lvs-backup", Version.current(), "java", Version.java()),
                "mode",
                cli.mode(),
                "startedAt",
                began,
                "finishedAt",
                cli.host().clock().instant(),
                "exitCode",
                code.number(),
                "drills",
                drills.stream()
                        .map(drill -> drill.backup().in(JsonDocuments.drill(drill.report())))
                        .toList(),
                "failures",
                failures.stream().map(JsonDocuments::failure).toList());
        if (sink.name != null) {
            document.put("sink", sink.name);
        }
        return document;
    }

    private ExitCode write(
            OutputFile file, Instant began, List<Drilled> drills, List<Failure> failures, ExitCode code) {
        return file.hasExtension(MARKDOWN)
                ? file.write(DrillMarkdown.of(began, drills, failures), ExitCode.PARTIAL)
                : file.write(document(began, drills, failures, code), ExitCode.PARTIAL);
    }
}
