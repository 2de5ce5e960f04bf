package cloud.lvs.backup.runner.output;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the engine reports, as the documents that other programs rely on. */
public final class JsonDocuments {
    private JsonDocuments() {}

    /** One element of {@code list -o json}. */
    public static Map<String, Object> listed(BackupSummary backup, Manifest manifest, Optional<Note> hold) {
        Map<String, Object> tree = summary(backup);
        tree.put(
                "items",
                manifest.items().stream()
                        .filter(item -> item.status() == ItemResult.Status.DONE)
                        .map(ItemResult::item)
                        .toList());
        tree.put("artifacts", each(manifest.artifacts(), JsonDocuments::listedArtifact));
        tree.put("held", backup.hold() == BackupSummary.Hold.HELD);
        hold.ifPresent(note -> tree.put("hold", hold(note)));
        return tree;
    }

    private static Map<String, Object> hold(Note note) {
        return tree("reason", note.reason(), "by", note.owner(), "since", note.at());
    }

    /** As {@link #listed}, when the manifest cannot be read. */
    public static Map<String, Object> unreadable(BackupSummary backup, String problem) {
        Map<String, Object> tree = summary(backup);
        tree.put("items", List.of());
        tree.put("artifacts", List.of());
        tree.put("held", backup.hold() == BackupSummary.Hold.HELD);
        tree.put("problem", problem);
        return tree;
    }

    private static Map<String, Object> summary(BackupSummary backup) {
        return tree(
                "id",
                backup.id(),
                "job",
                backup.id().job(),
                "capturedAt",
                backup.timestamp(),
                "outcome",
                backup.outcome());
    }

    private static Map<String, Object> listedArtifact(StoredArtifact artifact) {
        return tree(
                "name",
                artifact.role(),
                "key",
                artifact.key(),
                "plainBytes",
                artifact.plainBytes(),
                "storedBytes",
                artifact.storedBytes(),
                "sha256",
                artifact.sha256());
    }

    private static Map<String, Object> artifact(StoredArtifact artifact) {
        Map<String, Object> tree = listedArtifact(artifact);
        tree.put("item", artifact.item());
        tree.put("codecs", artifact.codecs());
        tree.put("facts", artifact.facts());
        tree.put("restoreHint", artifact.restoreHint());
        return tree;
    }

    /** A whole manifest, and why the backup is held. */
    public static Map<String, Object> manifest(Manifest manifest, Optional<Note> hold) {
        Map<String, Object> tree = tree(
                "formatVersion",
                manifest.formatVersion(),
                "id",
                manifest.id(),
                "job",
                manifest.id().job(),
                "capturedAt",
                manifest.id().timestamp(),
                "outcome",
                manifest.outcome(),
                "startedAt",
                manifest.startedAt(),
                "finishedAt",
                manifest.finishedAt(),
                "sourceType",
                manifest.sourceType(),
                "source",
                manifest.source(),
                "tool",
                manifest.tool(),
                "items",
                each(manifest.items(), JsonDocuments::itemResult),
                "artifacts",
                each(manifest.artifacts(), JsonDocuments::artifact),
                "external",
                each(manifest.external(), external -> tree("type", external.type(), "reference", external.reference())),
                "warnings",
                manifest.warnings());
        if (manifest.shard() != null) {
            tree.put(
                    "shard",
                    tree(
                            "group",
                            manifest.shard().group(),
                            "index",
                            manifest.shard().index(),
                            "count",
                            manifest.shard().count()));
        }
        if (manifest.origin() != null) {
            tree.put(
                    "origin",
                    tree(
                            "sink",
                            manifest.origin().sink(),
                            "id",
                            manifest.origin().id()));
        }
        tree.put("held", hold.isPresent());
        hold.ifPresent(note -> tree.put("hold", hold(note)));
        return tree;
    }

    /** One run. */
    public static Map<String, Object> run(RunReport report) {
        Map<String, Object> stages = new LinkedHashMap<>();
        report.stages().forEach((stage, duration) -> stages.put(stage, seconds(duration)));
        return tree(
                "job",
                report.job(),
                "id",
                report.id(),
                "outcome",
                report.outcome(),
                "startedAt",
                report.startedAt(),
                "finishedAt",
                report.finishedAt(),
                "inventory",
                each(report.inventory(), JsonDocuments::item),
                "items",
                each(report.items(), JsonDocuments::itemResult),
                "artifacts",
                each(report.artifacts(), JsonDocuments::artifact),
                "stageSeconds",
                stages,
                "warnings",
                report.warnings(),
                "failures",
                each(report.failures(), JsonDocuments::failure),
                "retention",
                report.retention() == null ? null : JsonPruneDocuments.prune(report.retention()),
                "copies",
                each(report.copies(), JsonDocuments::copy),
                "copyRetention",
                each(report.copyRetention(), JsonPruneDocuments::prune));
    }

    /** A failure. */
    public static Map<String, Object> failure(Failure failure) {
        return tree(
                "kind",
                failure.kind(),
                "job",
                failure.job(),
                "stage",
                failure.stage(),
                "target",
                failure.target(),
                "problem",
                failure.problem(),
                "remedy",
                failure.remedy());
    }

    private static Map<String, Object> item(Item item) {
        return tree(
                "id",
                item.id(),
                "state",
                item.state(),
                "reason",
                item.reason(),
                "sizeBytes",
                item.sizeBytes(),
                "facts",
                item.facts());
    }

    private static Map<String, Object> itemResult(ItemResult result) {
        Map<String, Object> tree = tree(
                "item", result.item(), "status", result.status(), "reason", result.reason(), "facts", result.facts());
        if (result.kind() != null && result.remedy() != null) {
            tree.put("kind", result.kind());
            tree.put("remedy", result.remedy());
        }
        return tree;
    }

    /** What an adopt did, or would do. */
    public static Map<String, Object> adopt(AdoptReport report) {
        return tree(
                "job",
                report.job(),
                "candidates",
                each(
                        report.candidates(),
                        candidate -> tree(
                                "id",
                                candidate.id(),
                                "keys",
                                each(candidate.keys(), Object::toString),
                                "state",
                                candidate.state(),
                                "reason",
                                candidate.reason(),
                                "facts",
                                candidate.facts())),
                "leftOut",
                each(report.leftOut(), left -> tree("key", left.key(), "reason", left.reason())));
    }

    /** What a copy did, or would do. */
    public static Map<String, Object> copy(CopyReport report) {
        return tree(
                "sink",
                report.sink(),
                "origin",
                report.origin(),
                "id",
                report.id(),
                "state",
                report.state(),
                "storedBytes",
                report.storedBytes());
    }

    /** What a verification found in a sink. */
    public static Map<String, Object> verify(VerifyReport report, String sink) {
        return tree(
                "id",
                report.id(),
                "sink",
                sink,
                "level",
                report.level(),
                "passed",
                report.verification().passed(),
                "checks",
                each(report.verification().checks(), JsonDocuments::check),
                "warnings",
                report.warnings());
    }

    /** What a restore did, or would do. */
    public static Map<String, Object> restore(RestoreReport report) {
        return tree(
                "items",
                each(report.items(), JsonDocuments::itemResult),
                "steps",
                report.steps(),
                "checks",
                each(report.checks(), JsonDocuments::check),
                "nextSteps",
                report.nextSteps());
    }

    /** What a drill showed. */
    public static Map<String, Object> drill(DrillReport report) {
        return tree(
                "id",
                report.id(),
                "job",
                report.id().job(),
                "capturedAt",
                report.id().timestamp(),
                "startedAt",
                report.startedAt(),
                "passed",
                report.verification().passed(),
                "rpoSeconds",
                seconds(report.rpo()),
                "rtoSeconds",
                seconds(report.rto()),
                "phases",
                each(report.phases(), phase -> tree("name", phase.name(), "seconds", seconds(phase.took()))),
                "checks",
                each(report.verification().checks(), JsonDocuments::check),
                "items",
                each(report.items(), JsonDocuments::itemResult),
                "steps",
                report.steps(),
                "warnings",
                report.warnings());
    }

    /** What was found out about a job or a sink. */
    public static Map<String, Object> diagnosis(DiagnosisReport diagnosis) {
        return tree("subject", diagnosis.subject(), "checks", each(diagnosis.results(), result -> {
            Map<String, Object> tree = check(result.check());
            tree.put("remedy", result.remedy());
            return tree;
        }));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static Map<String, Object> check(Check check) {
        return tree("name", check.name(), "status", check.status(), "detail", check.detail());
    }

    static <T> List<Object> each(List<T> list, Function<T, Object> tree) {
        return list.stream().map(tree).toList();
    }

    /** Keys and values in turn. */
    public static Map<String, Object> tree(@Nullable Object... keysAndValues) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            tree.put(Objects.requireNonNull(keysAndValues[i]).toString(), keysAndValues[i + 1]);
        }
        return nonNull(tree);
    }

    @SuppressWarnings({"NullAway", "unchecked"}) // a document may hold nulls; nobody reads them here
    private static Map<String, Object> nonNull(Map<String, @Nullable Object> tree) {
        return (Map<String, Object>) (Map<?, ?>) tree;
    }
}
