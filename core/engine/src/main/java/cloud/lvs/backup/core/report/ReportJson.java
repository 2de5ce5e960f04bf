package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the engine reports, as the JSON that other programs rely on: the same that the command line prints with {@code -o json}.
 * Members are added in later versions; none changes its meaning. Messages of a source or sink may hold a secret: see
 * {@link JsonObject#toString(Redactions)}.
 */
public final class ReportJson {
    private ReportJson() {}

    /** How a run went: an element of {@code runs} in {@code run -o json}. */
    public static JsonObject of(RunReport report) {
        Map<String, Object> stages = new LinkedHashMap<>();
        report.stages().forEach((stage, took) -> stages.put(stage, seconds(took)));
        return new JsonObject()
                .put("job", report.job())
                .put("id", report.id())
                .put("outcome", report.outcome())
                .put("startedAt", report.startedAt())
                .put("finishedAt", report.finishedAt())
                .put("inventory", each(report.inventory(), ReportJson::item))
                .put("items", each(report.items(), ReportJson::itemResult))
                .put("artifacts", each(report.artifacts(), ReportJson::artifact))
                .put("stageSeconds", stages)
                .put("warnings", report.warnings())
                .put("failures", each(report.failures(), ReportJson::of))
                .put("retention", report.retention() == null ? null : of(report.retention()))
                .put("copies", each(report.copies(), ReportJson::of))
                .put("copyRetention", each(report.copyRetention(), ReportJson::of));
    }

    /** A failure. */
    public static JsonObject of(Failure failure) {
        return new JsonObject()
                .put("kind", failure.kind())
                .put("job", failure.job())
                .put("stage", failure.stage())
                .put("target", failure.target())
                .put("problem", failure.problem())
                .put("remedy", failure.remedy());
    }

    /** What a prune of one sink did, or would do. */
    public static JsonObject of(PruneReport report) {
        return of(report, Map.of());
    }

    /**
     * As above.
     *
     * @param keys the objects of each backup that would go; empty if nobody asked
     */
    public static JsonObject of(PruneReport report, Map<BackupId, List<String>> keys) {
        boolean planned = report.mode() == Mode.DRY_RUN;
        var plan = new JsonObject()
                .put("keep", report.kept())
                .put("delete", report.dropped())
                .put("sweep", planned ? report.sweepable() : report.swept());
        if (planned) {
            plan.put("bytes", report.freedBytes());
        }
        if (!keys.isEmpty()) {
            plan.put("keys", keys);
        }
        var done = new JsonObject()
                .put("deleted", report.deleted())
                .put("swept", report.swept())
                .put("bytes", report.freedBytes());
        return new JsonObject()
                .put("job", report.job())
                .put("sink", report.sink())
                .put("mode", report.mode())
                .put("skipped", report.skipped())
                .put(
                        "decisions",
                        each(
                                report.decisions(),
                                decision -> new JsonObject()
                                        .put("id", decision.backup().id())
                                        .put("verdict", decision.verdict())
                                        .put("rule", decision.rule())))
                .put(
                        "flaws",
                        each(
                                report.flaws(),
                                flaw -> new JsonObject()
                                        .put("id", flaw.backup())
                                        .put("nature", flaw.nature())
                                        .put("reason", flaw.reason())))
                .put("plan", plan)
                .put("done", planned ? null : done)
                .put("deleted", report.deleted())
                .put("swept", report.swept())
                .put("leftovers", report.leftovers())
                .put("locked", report.locked())
                .put("unreadable", report.unreadable())
                .put("freedBytes", report.freedBytes());
    }

    /** What an adopt did, or would do. */
    public static JsonObject of(AdoptReport report) {
        return new JsonObject()
                .put("job", report.job())
                .put(
                        "candidates",
                        each(
                                report.candidates(),
                                candidate -> new JsonObject()
                                        .put("id", candidate.id())
                                        .put("keys", candidate.keys())
                                        .put("state", candidate.state())
                                        .put("reason", candidate.reason())
                                        .put("facts", candidate.facts())))
                .put(
                        "leftOut",
                        each(
                                report.leftOut(),
                                left -> new JsonObject().put("key", left.key()).put("reason", left.reason())));
    }

    /** What a copy did, or would do. */
    public static JsonObject of(CopyReport report) {
        return new JsonObject()
                .put("sink", report.sink())
                .put("origin", report.origin())
                .put("id", report.id())
                .put("state", report.state())
                .put("storedBytes", report.storedBytes());
    }

    /**
     * What a verification found.
     *
     * @param sink the name of the sink that it looked into
     */
    public static JsonObject of(VerifyReport report, String sink) {
        return new JsonObject()
                .put("id", report.id())
                .put("sink", sink)
                .put("level", report.level())
                .put("passed", report.verification().passed())
                .put("checks", each(report.verification().checks(), ReportJson::check))
                .put("warnings", report.warnings());
    }

    /** What a restore did, or would do. */
    public static JsonObject of(RestoreReport report) {
        return new JsonObject()
                .put("items", each(report.items(), ReportJson::itemResult))
                .put("steps", report.steps())
                .put("checks", each(report.checks(), ReportJson::check))
                .put("nextSteps", report.nextSteps())
                .put("omissions", each(report.omissions(), ReportJson::omission));
    }

    private static JsonObject omission(Omission omission) {
        return new JsonObject()
                .put("item", omission.item())
                .put("object", omission.object())
                .put("reason", omission.reason())
                .put("statement", omission.statement());
    }

    /** What a drill showed. */
    public static JsonObject of(DrillReport report) {
        return new JsonObject()
                .put("id", report.id())
                .put("job", report.id().job())
                .put("capturedAt", report.id().timestamp())
                .put("startedAt", report.startedAt())
                .put("passed", report.verification().passed())
                .put("rpoSeconds", seconds(report.rpo()))
                .put("rtoSeconds", seconds(report.rto()))
                .put(
                        "phases",
                        each(
                                report.phases(),
                                phase -> new JsonObject()
                                        .put("name", phase.name())
                                        .put("seconds", seconds(phase.took()))))
                .put("checks", each(report.verification().checks(), ReportJson::check))
                .put("items", each(report.items(), ReportJson::itemResult))
                .put("steps", report.steps())
                .put("warnings", report.warnings());
    }

    /** What was found out about a job or a sink. */
    public static JsonObject of(DiagnosisReport report) {
        return new JsonObject()
                .put("subject", report.subject())
                .put(
                        "checks",
                        each(report.results(), result -> check(result.check()).put("remedy", result.remedy())));
    }

    /**
     * A whole manifest.
     *
     * @param hold why the backup is held; empty if it is not
     */
    public static JsonObject of(Manifest manifest, Optional<Note> hold) {
        var json = new JsonObject()
                .put("formatVersion", manifest.formatVersion())
                .put("id", manifest.id())
                .put("job", manifest.id().job())
                .put("capturedAt", manifest.id().timestamp())
                .put("outcome", manifest.outcome())
                .put("startedAt", manifest.startedAt())
                .put("finishedAt", manifest.finishedAt())
                .put("sourceType", manifest.sourceType())
                .put("source", manifest.source())
                .put("tool", manifest.tool())
                .put("items", each(manifest.items(), ReportJson::itemResult))
                .put("artifacts", each(manifest.artifacts(), ReportJson::artifact))
                .put(
                        "external",
                        each(
                                manifest.external(),
                                external -> new JsonObject()
                                        .put("type", external.type())
                                        .put("reference", external.reference())))
                .put("warnings", manifest.warnings());
        if (manifest.shard() != null) {
            json.put(
                    "shard",
                    new JsonObject()
                            .put("group", manifest.shard().group())
                            .put("index", manifest.shard().index())
                            .put("count", manifest.shard().count()));
        }
        if (manifest.origin() != null) {
            json.put(
                    "origin",
                    new JsonObject()
                            .put("sink", manifest.origin().sink())
                            .put("id", manifest.origin().id()));
        }
        json.put("held", hold.isPresent());
        hold.ifPresent(note -> json.put("hold", hold(note)));
        return json;
    }

    /**
     * A backup in a list.
     *
     * @param hold why it is held, as far as that is known
     */
    public static JsonObject listed(BackupSummary backup, Manifest manifest, Optional<Note> hold) {
        var json = summary(backup)
                .put(
                        "items",
                        manifest.items().stream()
                                .filter(item -> item.status() == ItemResult.Status.DONE)
                                .map(ItemResult::item)
                                .toList())
                .put("artifacts", each(manifest.artifacts(), ReportJson::listedArtifact))
                .put("held", backup.hold() == BackupSummary.Hold.HELD);
        hold.ifPresent(note -> json.put("hold", hold(note)));
        return json;
    }

    /** A backup in a list, when its manifest cannot be read. */
    public static JsonObject unreadable(BackupSummary backup, String problem) {
        return summary(backup)
                .put("items", List.of())
                .put("artifacts", List.of())
                .put("held", backup.hold() == BackupSummary.Hold.HELD)
                .put("problem", problem);
    }

    private static JsonObject summary(BackupSummary backup) {
        return new JsonObject()
                .put("id", backup.id())
                .put("job", backup.id().job())
                .put("capturedAt", backup.timestamp())
                .put("outcome", backup.outcome());
    }

    private static JsonObject hold(Note note) {
        return new JsonObject()
                .put("reason", note.reason())
                .put("by", note.owner())
                .put("since", note.at());
    }

    private static JsonObject listedArtifact(StoredArtifact artifact) {
        return new JsonObject()
                .put("name", artifact.role())
                .put("key", artifact.key())
                .put("plainBytes", artifact.plainBytes())
                .put("storedBytes", artifact.storedBytes())
                .put("sha256", artifact.sha256());
    }

    private static JsonObject artifact(StoredArtifact artifact) {
        return listedArtifact(artifact)
                .put("item", artifact.item())
                .put("codecs", artifact.codecs())
                .put("facts", artifact.facts())
                .put("restoreHint", artifact.restoreHint());
    }

    private static JsonObject item(Item item) {
        return new JsonObject()
                .put("id", item.id())
                .put("state", item.state())
                .put("reason", item.reason())
                .put("sizeBytes", item.sizeBytes())
                .put("facts", item.facts());
    }

    private static JsonObject itemResult(ItemResult result) {
        var json = new JsonObject()
                .put("item", result.item())
                .put("status", result.status())
                .put("reason", result.reason())
                .put("facts", result.facts());
        if (result.kind() != null && result.remedy() != null) {
            json.put("kind", result.kind()).put("remedy", result.remedy());
        }
        return json;
    }

    private static JsonObject check(Check check) {
        return new JsonObject()
                .put("name", check.name())
                .put("status", check.status())
                .put("detail", check.detail());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static <T> List<JsonObject> each(List<T> list, Function<T, JsonObject> json) {
        return list.stream().map(json).toList();
    }
}
