package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.ChosenBackup;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.runner.cli.session.SourceOptions;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "restore", description = "Restore a backup: to a new place, or in place of what is there.")
final class RestoreCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(
            names = "--to",
            paramLabel = "PLACE",
            description = "Where to, in the source's own terms: a directory for k3s.")
    @Nullable
    String place;

    @Option(names = "--in-place", description = "Where the source lives; needs --yes.")
    boolean inPlace;

    @Option(names = "--undo", description = "Take the last restore in place back; needs no ID, but --yes.")
    boolean undo;

    @Option(
            names = "--clean-up",
            description =
                    "Remove what restores that died have left there, with --to or --in-place; needs no ID, but --yes.")
    boolean cleanUp;

    @Option(names = "--yes", description = "Agree to replace what is there.")
    boolean yes;

    @Option(names = "--item", paramLabel = "ITEM", description = "Only this item; may be given again.")
    List<String> items = List.of();

    @Mixin
    SinkOption sink = new SinkOption();

    @Mixin
    SourceOptions options = new SourceOptions();

    RestoreCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        long targets = Stream.of(place != null, inPlace, undo)
                .filter(Boolean::booleanValue)
                .count();
        if (targets != 1) {
            throw usage("needs exactly one of --to PLACE, --in-place and --undo");
        }
        if (cleanUp && (undo || !items.isEmpty())) {
            throw usage("takes neither --undo nor --item with --clean-up");
        }
        boolean reading = !undo && !cleanUp;
        String without = undo ? "--undo" : "--clean-up";
        if (reading == id.isEmpty()) {
            throw usage(reading ? "needs an ID, or latest" : "takes no ID with " + without);
        }
        if (!reading && sink.name != null) {
            throw usage("takes no --sink with " + without + ": it reads no backup");
        }
        return cli.work(this::restore);
    }

    private static BackupException usage(String problem) {
        return new BackupException(Kind.CONFIG, "restore", problem, "write e.g. restore latest --to /srv/restored");
    }

    private ExitCode restore(Session session) throws Exception {
        String name = session.oneJob(id);
        RestoreRequest request = new RestoreRequest(
                target(),
                items,
                options.bind(session, name),
                yes ? RestoreRequest.Consent.GIVEN : RestoreRequest.Consent.NOT_GIVEN,
                cli.mode() == Mode.DRY_RUN ? RestoreRequest.Mode.DRY_RUN : RestoreRequest.Mode.EXECUTE);
        return cli.attempt(name, "restore", () -> {
            Job job = sink.job(session, name);
            List<ExitCode> codes = new ArrayList<>();
            RestoreReport report;
            JsonObject document;
            if (undo || cleanUp) {
                report = undo
                        ? session.engine().undo(job, request)
                        : session.engine().cleanUp(job, request);
                document = ReportJson.of(report);
            } else {
                ChosenBackup backup = session.tellLacks(job, session.choose(job, id), "restore");
                codes.add(backup.code());
                report = session.engine().restore(job, backup.id(), request);
                document = backup.in(ReportJson.of(report));
                document.put("id", backup.id());
            }
            cli.print(document, () -> ReportText.of(report, request.mode()));
            codes.add(code(name, report));
            return ExitCode.worst(codes);
        });
    }

    private RestoreTarget target() throws BackupException {
        if (place != null && place.isBlank()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "--to",
                    "is empty, perhaps because a variable of the shell is not set",
                    "name a place, e.g. --to /srv/restored");
        }
        if (place != null) {
            return new RestoreTarget.Place(place);
        }
        return inPlace ? new RestoreTarget.InPlace() : new RestoreTarget.Undo();
    }

    private ExitCode code(String job, RestoreReport report) {
        List<ExitCode> codes = new ArrayList<>();
        for (Check check : report.checks()) {
            if (check.status() == Check.Status.FAILED) {
                cli.console()
                        .error("job " + job + ": restore: " + check.name() + ": " + check.detail()
                                + " (do not use what was restored; restore another backup)");
                codes.add(ExitCode.VERIFICATION);
            }
        }
        for (ItemResult item : report.items()) {
            if (item.status() == ItemResult.Status.FAILED) {
                cli.console()
                        .error("job " + job + ": restore: item " + item.item() + ": " + item.reason() + " ("
                                + (item.remedy() == null
                                        ? "mend it and restore this item again with --item"
                                        : item.remedy())
                                + ")");
                codes.add(ExitCode.PARTIAL);
            }
        }
        report.omissions().stream()
                .collect(Collectors.groupingBy(Omission::item, TreeMap::new, Collectors.counting()))
                .forEach((item, count) -> {
                    cli.console()
                            .error("job " + job + ": restore: item " + item + ": " + count
                                    + " of its statements did not take effect (the report names each with its reason)");
                    codes.add(ExitCode.PARTIAL);
                });
        boolean none = !report.items().isEmpty()
                && report.items().stream().allMatch(item -> item.status() == ItemResult.Status.FAILED);
        return none ? ExitCode.FAILED : ExitCode.worst(codes);
    }
}
