package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.files.OwnedDirectory.Leftover;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DiagnosisReport.Result;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.wiring.Scratch;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Try out whether backups can be made and restored: a job with its sinks, a sink, or everything.")
final class DoctorCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Option(
            names = "--sink",
            paramLabel = "NAME",
            description = "Only this sink, or this one too where a job is named.")
    @Nullable
    String sink;

    DoctorCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(this::examine);
    }

    private ExitCode examine(Session session) throws Exception {
        boolean everything = sink == null && cli.options().job == null;
        List<String> jobs = sink != null && cli.options().job == null ? List.of() : session.oneOrAllJobs();
        Set<String> sinks = new LinkedHashSet<>();
        if (everything) {
            sinks.addAll(session.components().sinks().names());
        }
        if (sink != null) {
            session.components().sinks().requireKnown(sink);
            sinks.add(sink);
        }
        List<DiagnosisReport> diagnoses = new ArrayList<>();
        leftovers(session.components().scratch()).ifPresent(diagnoses::add);
        for (String name : jobs) {
            diagnoses.add(examineJob(session, name, sinks));
        }
        for (String name : sinks) {
            diagnoses.add(examineSink(session, name));
        }
        session.progress().clear();
        cli.print(
                diagnoses.stream().map(ReportJson::of).toList(),
                () -> diagnoses.stream().map(ReportText::of).collect(Collectors.joining("\n")));
        return tell(diagnoses);
    }

    /** What killed runs left among the temporary files; it may hold passwords and copies of databases. */
    private Optional<DiagnosisReport> leftovers(Scratch scratch) {
        List<Result> results = new ArrayList<>();
        for (Leftover leftover : scratch.sweep(cli.mode())) {
            String what = leftover.path() + " of " + leftover.owner() + ", which ended without cleaning up, ";
            boolean removed = cli.mode() == Mode.EXECUTE && leftover.problem().isEmpty();
            results.add(
                    removed
                            ? new Result(Check.passed("leftover", what + "was removed"), "", Kind.FAILED)
                            : new Result(
                                    Check.warned("leftover", (what + "is still there " + leftover.problem()).strip()),
                                    leftover.problem().isEmpty() ? "the next run removes it" : "remove it by hand",
                                    Kind.FAILED));
        }
        for (Path path : scratch.unowned()) {
            results.add(new Result(
                    Check.warned(
                            "leftover",
                            path + " looks like the temporary files of a killed run of an earlier version, untouched"
                                    + " for a day"),
                    "remove it by hand once no run of that version is at work: it may hold secrets",
                    Kind.FAILED));
        }
        return results.isEmpty()
                ? Optional.empty()
                : Optional.of(new DiagnosisReport("scratch directory " + scratch.root(), results));
    }

    /** @param sinks those of the job are added */
    private static DiagnosisReport examineJob(Session session, String name, Set<String> sinks)
            throws InterruptedException {
        Job job;
        try {
            job = session.job(name);
        } catch (BackupException | RuntimeException | LinkageError e) {
            return unusable("job " + name, e);
        }
        sinks.add(job.sink().name());
        job.copies().forEach(copy -> sinks.add(copy.sink().name()));
        return session.engine().diagnose(job);
    }

    private DiagnosisReport examineSink(Session session, String name) throws InterruptedException {
        NamedSink named;
        List<Result> results = new ArrayList<>();
        try {
            named = session.components().sinks().named(name);
            session.components().sinks().preflight(name).forEach(finding -> results.add(result(finding)));
        } catch (BackupException | RuntimeException | LinkageError e) {
            return unusable("sink " + name, e);
        }
        if (cli.mode() == Mode.DRY_RUN) {
            cli.console()
                    .say("sink " + name + ": would write, read, list, replace and delete objects below"
                            + " .lvs-backup-doctor/, and try what its type can do");
        }
        DiagnosisReport diagnosis = session.engine().diagnose(named, cli.mode());
        results.addAll(diagnosis.results());
        return new DiagnosisReport(diagnosis.subject(), results);
    }

    private static Result result(Finding finding) {
        Check.Status status = switch (finding.severity()) {
            case ERROR -> Check.Status.FAILED;
            case WARNING -> Check.Status.WARNED;
            case INFO -> Check.Status.PASSED;
        };
        Check check = new Check("configuration", status, finding.target() + ": " + finding.problem());
        return new Result(check, finding.remedy(), finding.kind());
    }

    private static DiagnosisReport unusable(String subject, Throwable thrown) {
        Failure failure = Failure.of(subject, "configuration", thrown);
        Check check = Check.failed("configuration", failure.target() + ": " + failure.problem());
        return new DiagnosisReport(subject, List.of(new Result(check, failure.remedy(), failure.kind())));
    }

    private ExitCode tell(List<DiagnosisReport> diagnoses) {
        Set<ExitCode> codes = new LinkedHashSet<>();
        for (DiagnosisReport diagnosis : diagnoses) {
            for (Result result : diagnosis.results()) {
                if (result.hasFailed()) {
                    cli.console()
                            .error(diagnosis.subject() + ": doctor: "
                                    + result.check().name() + ": "
                                    + ReportText.withRemedy(result.check().detail(), result.remedy()));
                    codes.add(ExitCode.of(result.kind()));
                }
            }
        }
        return ExitCode.worst(codes);
    }
}
