package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.HumanReadable;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.core.report.TextTable;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.ChosenBackup;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "verify", description = "Prove that a stored backup is whole.")
final class VerifyCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(names = "--all", description = "Every backup instead of one.")
    boolean all;

    @Option(names = "--all-sinks", description = "In the job's sink and in those of its copies.")
    boolean allSinks;

    @Mixin
    SinkOption sink = new SinkOption();

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description =
                    "stored (presence and size), checksum (read back; needs no key) or content (decoded and checked by"
                            + " the source). Default: checksum, unless the source has one of its own.")
    @Nullable
    Level level;

    VerifyCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (all == !id.isEmpty()) {
            throw new BackupException(Kind.CONFIG, "verify", "needs either an ID or --all", "write e.g. verify latest");
        }
        if (allSinks && sink.name != null) {
            throw new BackupException(
                    Kind.CONFIG, "verify", "takes either --sink or --all-sinks", "write e.g. verify --all --all-sinks");
        }
        return cli.work(this::verify);
    }

    private ExitCode verify(Session session) throws IOException, InterruptedException {
        List<Proof> proofs = new ArrayList<>();
        List<ExitCode> backups = new ArrayList<>();
        List<ExitCode> catalogs = new ArrayList<>();
        for (String name : all ? sink.oneOrAllJobs(session) : List.of(session.oneJob(id))) {
            for (String where : sinks(session, name)) {
                catalogs.add(cli.attempt(name, "verify", () -> {
                    Job job = where.isEmpty()
                            ? sink.job(session, name)
                            : session.jobs().named(name, where);
                    for (ChosenBackup backup : backups(session, job)) {
                        backups.add(cli.attempt(name, "verify", () -> verify(session, job, backup, proofs)));
                    }
                    return ExitCode.OK;
                }));
            }
        }
        session.progress().clear();
        String total = total(proofs, backups.size(), catalogs);
        List<JsonObject> documents = proofs.stream()
                .map(proof -> proof.backup().in(ReportJson.of(proof.report(), proof.sink())))
                .toList();
        cli.print(
                all || allSinks ? documents : documents.stream().findFirst().orElse(null),
                () -> all || allSinks ? table(proofs) + total + "\n" : details(proofs));
        if (all && !cli.asTable()) {
            cli.console().say(total);
        }
        backups.addAll(catalogs);
        return ExitCode.worst(backups);
    }

    /** A backup that could be read, and what came of it: it passed, passed as far as it goes, or failed. */
    private record Proof(VerifyReport report, ChosenBackup backup, String sink, ExitCode code) {
        String result() {
            return ReportText.result(report.verification(), backup.lacks());
        }
    }

    /** Named, or empty for the one of {@code --sink}, or the job's own. */
    private List<String> sinks(Session session, String job) throws BackupException {
        if (!allSinks) {
            return List.of("");
        }
        session.requireKnown(job);
        return session.jobs().sinks(job);
    }

    private String table(List<Proof> proofs) {
        if (proofs.isEmpty()) {
            return "";
        }
        var table = new TextTable("ID", "SINK", "LEVEL", "RESULT", "CHECKS");
        for (Proof proof : proofs) {
            List<Check> checks = proof.report().verification().checks();
            long failed = checks.stream()
                    .filter(check -> check.status() == Check.Status.FAILED)
                    .count();
            table.row(
                    proof.report().id().toString(),
                    proof.sink(),
                    ReportText.words(proof.report().level()),
                    proof.result(),
                    failed == 0 ? Integer.toString(checks.size()) : failed + " of " + checks.size() + " failed");
        }
        return table + (cli.options().verbose ? details(proofs) : "");
    }

    private static String details(List<Proof> proofs) {
        return proofs.stream()
                .map(proof -> ReportText.of(proof.report(), proof.backup().lacks()))
                .collect(Collectors.joining());
    }

    private String total(List<Proof> proofs, int backups, List<ExitCode> catalogs) {
        long unread = catalogs.stream().filter(code -> code != ExitCode.OK).count();
        long partial = count(proofs, ExitCode.PARTIAL);
        int unproved = backups - proofs.size();
        return HumanReadable.count(backups, "backup") + " at level " + levels(proofs) + ": "
                + count(proofs, ExitCode.OK) + " passed, "
                + (partial == 0 ? "" : partial + " partial, ")
                + count(proofs, ExitCode.VERIFICATION) + " FAILED"
                + (unproved == 0 ? "" : ", " + unproved + " could not be verified")
                + (unread == 0 ? "" : "; " + HumanReadable.count(unread, "catalog") + " could not be read");
    }

    private String levels(List<Proof> proofs) {
        if (level != null || proofs.isEmpty()) {
            return ReportText.words(level == null ? Level.CHECKSUM : level);
        }
        return proofs.stream()
                .map(proof -> ReportText.words(proof.report().level()))
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    private static long count(List<Proof> proofs, ExitCode code) {
        return proofs.stream().filter(proof -> proof.code() == code).count();
    }

    private List<ChosenBackup> backups(Session session, Job job) throws IOException, InterruptedException {
        return all
                ? session.engine().list(job).stream()
                        .map(backup -> new ChosenBackup(backup.id(), List.of()))
                        .toList()
                : List.of(session.choose(job, id));
    }

    private ExitCode verify(Session session, Job job, ChosenBackup backup, List<Proof> proofs)
            throws IOException, InterruptedException {
        VerifyReport report = session.engine().verify(job, backup.id(), level == null ? job.defaultLevel() : level);
        for (String warning : report.warnings()) {
            if (!session.progress().hasTold(warning)) {
                cli.console().warn(ReportText.warning(job.name(), warning));
            }
        }
        boolean passed = report.verification().passed();
        ChosenBackup proved = passed ? session.tellLacks(job, backup, "verify") : backup;
        ExitCode code = passed ? proved.code() : ExitCode.VERIFICATION;
        proofs.add(new Proof(report, proved, job.sink().name(), code));
        for (Check check : report.verification().checks()) {
            if (check.status() == Check.Status.FAILED) {
                cli.console()
                        .error("job " + job.name() + ": verify: backup " + backup.id() + ": " + check.name() + ": "
                                + ReportText.withRemedy(check.detail(), ReportText.remedy(check, "verify")));
            }
        }
        return code;
    }
}
