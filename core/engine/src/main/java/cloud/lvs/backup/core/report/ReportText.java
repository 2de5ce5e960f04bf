package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the engine reports, as people read it, in lines with {@code \n}. Names and messages stand as a source or sink gave them:
 * {@link Redactions#mask} takes secrets out, {@link TerminalText} what could confuse a terminal.
 */
public final class ReportText {
    private ReportText() {}

    /** A constant in words, e.g. {@code in progress}. */
    public static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** How a run went: what was told of it, its outcome, and what became of copies and retention; a line each. */
    public static String of(RunReport run) {
        List<String> lines = new ArrayList<>();
        run.warnings().forEach(warning -> lines.add(warning(run.job(), warning)));
        // Those that failed are among the failures.
        run.items().stream()
                .filter(item -> item.status() == ItemResult.Status.SKIPPED)
                .forEach(item -> lines.add(notDone(run.job(), item)));
        run.failures().forEach(failure -> lines.add(failure.toString()));
        lines.add(summary(run));
        lines.addAll(afterwards(run));
        return lines(lines);
    }

    /**
     * What to do about a check of a stored backup that failed.
     *
     * @param again the command that made it, e.g. {@code verify}
     */
    public static String remedy(Check failed, String again) {
        return failed.detail().startsWith(VerifyReport.NOTHING_CHECKED)
                ? "nothing is known to be wrong with what is stored; report it to whoever made the source"
                : "do not rely on this backup; " + again + " the one before it";
    }

    /** E.g. {@code job k3s: warning: the token is stored unencrypted}. */
    public static String warning(String job, String warning) {
        return "job " + job + ": warning: " + warning;
    }

    /** E.g. {@code job pg: item shop: skipped: was dropped while the run was at work}. */
    public static String notDone(String job, ItemResult item) {
        return "job " + job + ": item " + item.item() + ": " + words(item.status()) + ": " + item.reason();
    }

    /** E.g. {@code job k3s: OK k3s-20261122T030000Z-k7f3q2xw: 1 item, 2 artifacts, 31.2 MiB stored as 8.4 MiB, 3.2 s}. */
    public static String summary(RunReport run) {
        String did = run.mode() == Mode.DRY_RUN
                ? "dry run, " + HumanReadable.count(run.inventory().size(), "item") + " found"
                : HumanReadable.count(itemsDone(run), "item") + ", "
                        + HumanReadable.count(run.artifacts().size(), "artifact") + ", "
                        + HumanReadable.bytes(sum(run, StoredArtifact::plainBytes)) + " stored as "
                        + HumanReadable.bytes(sum(run, StoredArtifact::storedBytes));
        return "job " + run.job() + ": " + run.outcome() + (run.id() == null ? "" : " " + run.id()) + ": " + did + ", "
                + HumanReadable.duration(Duration.between(run.startedAt(), run.finishedAt()));
    }

    /** What became of copies and retention, a line each. */
    public static List<String> afterwards(RunReport run) {
        String job = "job " + run.job() + ": ";
        return Stream.concat(
                        run.copies().stream().map(copy -> job + "copy: " + summary(copy)),
                        run.retentions().stream().map(retention -> job + "retention: " + summary(retention)))
                .toList();
    }

    private static long itemsDone(RunReport run) {
        return run.items().stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .count();
    }

    private static long sum(RunReport run, ToLongFunction<StoredArtifact> bytes) {
        return run.artifacts().stream().mapToLong(bytes).sum();
    }

    private static String lines(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** Runs as a table, and what became of copies and retention. Nothing if none got as far as a backup. */
    public static String table(List<RunReport> reports) {
        if (reports.stream().allMatch(run -> run.id() == null && !run.failures().isEmpty())) {
            return "";
        }
        var table = new TextTable("JOB", "OUTCOME", "BACKUP", "ITEMS", "STORED", "TOOK");
        var more = new StringBuilder();
        for (RunReport run : reports) {
            table.row(
                    run.job(),
                    run.outcome().name(),
                    run.id() == null ? "-" : run.id().toString(),
                    run.id() == null ? "-" : Long.toString(itemsDone(run)),
                    run.id() == null ? "-" : HumanReadable.bytes(sum(run, StoredArtifact::storedBytes)),
                    HumanReadable.duration(Duration.between(run.startedAt(), run.finishedAt())));
            more.append(lines(afterwards(run)));
        }
        return table.toString() + more;
    }

    /** What a prune of one sink did, or would do, and every decision. */
    public static String of(PruneReport report) {
        return of(report, Map.of());
    }

    /**
     * As above.
     *
     * @param keys the objects of each backup that would go; empty if nobody asked
     */
    public static String of(PruneReport report, Map<BackupId, List<String>> keys) {
        var text = new StringBuilder("job " + report.job() + ": " + summary(report) + "\n" + decisions(report));
        keys.values()
                .forEach(each -> each.forEach(
                        key -> text.append("would delete ").append(key).append('\n')));
        return text.toString();
    }

    /** What a prune of one sink did, or would do, in one line without a line end. */
    public static String summary(PruneReport report) {
        String sink = "sink " + report.sink() + ": ";
        if (!report.skipped().isEmpty()) {
            return sink + "nothing decided: " + report.skipped();
        }
        boolean planned = report.mode() == Mode.DRY_RUN;
        List<BackupId> gone = planned ? report.dropped() : report.deleted();
        // Zero bytes of something: nobody knows how many.
        String bytes = report.freedBytes() == 0 && !gone.isEmpty()
                ? ""
                : " (" + HumanReadable.bytes(report.freedBytes()) + ")";
        if (planned) {
            return sink + "would keep " + report.kept() + ", delete " + gone.size() + bytes
                    + counted(", sweep ", report.sweepable(), "dead run");
        }
        return sink + "kept " + report.kept() + ", deleted " + gone.size() + bytes
                + counted(", swept ", report.swept(), "dead run")
                + (report.locked().isEmpty()
                        ? ""
                        : ", " + HumanReadable.count(report.locked().size(), "object") + " locked")
                + (report.unreadable().isEmpty()
                        ? ""
                        : ", could not read " + report.unreadable().size())
                + (report.leftovers().isEmpty()
                        ? ""
                        : ", could not delete " + report.leftovers().size());
    }

    private static String counted(String doing, List<String> what, String name) {
        return what.isEmpty() ? "" : doing + HumanReadable.count(what.size(), name);
    }

    private static String decisions(PruneReport report) {
        var table = new TextTable("ID", "VERDICT", "RULE");
        report.decisions()
                .forEach(decision ->
                        table.row(decision.backup().id().toString(), words(decision.verdict()), decision.rule()));
        report.sweepable().forEach(dead -> table.row(report.job() + "-" + dead, "sweep", "a dead run left it"));
        report.swept().forEach(dead -> table.row(report.job() + "-" + dead, "swept", "a dead run left it"));
        report.locked().forEach((key, reason) -> table.row(key, "locked", reason));
        report.unreadable().forEach((what, reason) -> table.row(what, "unreadable", reason));
        report.leftovers().forEach((key, reason) -> table.row(key, "left", reason));
        return table.toString();
    }

    /** What a copy did, or would do. */
    public static String of(CopyReport report) {
        return summary(report) + "\n";
    }

    private static String summary(CopyReport report) {
        String id = report.id() == null ? "" : " as " + report.id();
        return report.origin() + " " + words(report.state()) + " in sink " + report.sink() + id + ", "
                + HumanReadable.bytes(report.storedBytes());
    }

    /** What an adopt did, or would do. */
    public static String of(AdoptReport report) {
        var table = new TextTable("ID", "STATE", "OBJECTS", "REASON");
        report.candidates()
                .forEach(candidate -> table.row(
                        candidate.id().toString(), words(candidate.state()), objects(candidate), candidate.reason()));
        report.leftOut().forEach(left -> table.row("-", "left out", left.key().value(), left.reason()));
        return table.toString();
    }

    /** Its objects, or what its source tells of what lies elsewhere. */
    private static String objects(AdoptReport.Candidate candidate) {
        return candidate.keys().isEmpty()
                ? candidate.facts().entrySet().stream()
                        .map(fact -> fact.getKey() + "=" + fact.getValue())
                        .collect(Collectors.joining(" "))
                : candidate.keys().stream().map(ObjectKey::value).collect(Collectors.joining(" "));
    }

    /**
     * What a verification found.
     *
     * @param lacks what the backup lacks, as {@link cloud.lvs.backup.core.BackupEngine#lacks} tells; empty if it is whole
     */
    public static String of(VerifyReport report, List<String> lacks) {
        var text = new StringBuilder(
                report.id() + ": " + words(report.level()) + ": " + result(report.verification(), lacks) + "\n");
        lacks.forEach(missing -> text.append("  lacks ").append(missing).append('\n'));
        return text.append(checks(report.verification().checks())).toString();
    }

    /** {@code passed}, {@code partial} if that holds only for what there is, or {@code FAILED}. */
    public static String result(Verification verification, List<String> lacks) {
        if (!verification.passed()) {
            return "FAILED";
        }
        return lacks.isEmpty() ? "passed" : "partial";
    }

    private static String checks(List<Check> checks) {
        var table = new TextTable("CHECK", "STATUS", "DETAIL");
        checks.forEach(check -> table.row(check.name(), words(check.status()), check.detail()));
        return table.toString();
    }

    /** What a restore did, or would do. */
    public static String of(RestoreReport report) {
        return of(report, RestoreRequest.Mode.EXECUTE);
    }

    /** As above; what a dry run would restore is planned, and not done. */
    public static String of(RestoreReport report, RestoreRequest.Mode mode) {
        var text = new StringBuilder();
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var items = new TextTable("ITEM", "STATUS", "REASON");
        report.items()
                .forEach(item -> items.row(
                        item.item(),
                        mode == RestoreRequest.Mode.DRY_RUN && item.status() == ItemResult.Status.DONE
                                ? "planned"
                                : words(item.status()),
                        item.reason()));
        text.append(items);
        if (!report.checks().isEmpty()) {
            text.append(checks(report.checks()));
        }
        report.omissions().forEach(omission -> text.append(of(omission)));
        report.nextSteps().forEach(step -> text.append("next: ").append(step).append('\n'));
        return text.toString();
    }

    private static String of(Omission omission) {
        String what = "not restored: item " + omission.item() + ": " + omission.object() + ": " + omission.reason();
        return what
                + '\n'
                + omission.statement().lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    /**
     * What a drill showed, or would do.
     *
     * @param lacks what the backup lacks, as {@link cloud.lvs.backup.core.BackupEngine#lacks} tells; empty if it is whole
     */
    public static String of(DrillReport report, Mode mode, List<String> lacks) {
        var text = new StringBuilder(report.id() + ": drill: ");
        String rpo = "RPO " + HumanReadable.duration(report.rpo());
        text.append(
                mode == Mode.DRY_RUN
                        ? "dry run, " + rpo
                        : result(report.verification(), lacks) + ", " + rpo + ", RTO "
                                + HumanReadable.duration(report.rto()));
        text.append('\n');
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var phases = new TextTable("PHASE", "TOOK");
        report.phases().forEach(phase -> phases.row(phase.name(), HumanReadable.duration(phase.took())));
        return text.append(phases)
                .append(checks(report.verification().checks()))
                .toString();
    }

    /** What was found out about a job or a sink. */
    public static String of(DiagnosisReport diagnosis) {
        var table = new TextTable("CHECK", "STATUS", "DETAIL");
        for (DiagnosisReport.Result result : diagnosis.results()) {
            Check check = result.check();
            table.row(check.name(), words(check.status()), withRemedy(check.detail(), result.remedy()));
        }
        return diagnosis.subject() + "\n" + table;
    }

    /**
     * What a backup holds: a fact a line, and the commands that restore it by hand.
     *
     * @param hold why it is held; empty if it is not
     */
    public static String of(Manifest manifest, Optional<Note> hold) {
        return ManifestText.of(manifest, hold);
    }

    /** E.g. {@code connection refused (start the server)}. */
    public static String withRemedy(String detail, String remedy) {
        return detail + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }
}
