package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.catalog.JournalName.Verified;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.JobSurvey;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a sink holds of a job, by one listing of its journal, the looks it takes to find the newest backup that counts,
 * and what {@link StoredSizes} takes.
 */
public final class CatalogSurvey {
    private final EngineContext engine;
    private final Job job;
    private final NamedSink sink;
    private final Map<Level, Instant> verified = new EnumMap<>(Level.class);
    private @Nullable Instant drilled;

    public CatalogSurvey(EngineContext engine, Job job, NamedSink sink) {
        this.engine = engine;
        this.job = job;
        this.sink = sink;
    }

    public JobSurvey take() throws IOException, InterruptedException {
        Catalog catalog = Catalog.of(new Journal(sink.sink()), job.name(), this::noteProofs);
        List<BackupSummary> backups = catalog.summaries();
        List<Instant> dated = catalog.entries().stream()
                .filter(entry -> !entry.isDatedAhead())
                .map(entry -> entry.summary().timestamp())
                .toList();
        Counting counting = new Counting(job, sink, catalog);
        Optional<CatalogEntry> newest = counting.newest();
        counting.tellFlawsAbove(newest, engine);
        return new JobSurvey(
                job.name(),
                count(backups),
                dated.isEmpty() ? null : dated.get(dated.size() - 1),
                dated.isEmpty() ? null : dated.get(0),
                newest.map(entry -> entry.summary().timestamp()).orElse(null),
                verified,
                drilled,
                new StoredSizes(sink.sink()).of(catalog.entries()));
    }

    private static JobSurvey.Counts count(List<BackupSummary> backups) {
        return new JobSurvey.Counts(
                backups.size(),
                backups.stream()
                        .filter(backup -> backup.outcome() == Outcome.PARTIAL)
                        .count(),
                backups.stream().filter(backup -> backup.hold() == Hold.HELD).count());
    }

    private void noteProofs(BackupDirectory directory) {
        for (StoredObject object : directory.objects()) {
            String key = object.key();
            JournalName name =
                    JournalName.parse(key.substring(key.lastIndexOf('/') + 1)).orElse(null);
            if (name instanceof Verified proof) {
                verified.merge(proof.level(), object.lastModified(), CatalogSurvey::later);
            } else if (name == Plain.DRILLED) {
                drilled = drilled == null ? object.lastModified() : later(drilled, object.lastModified());
            }
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
