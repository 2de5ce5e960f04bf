package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.catalog.JournalName.Verified;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what a sink holds of a job, by one listing of its journal and what {@link StoredSizes} takes. */
final class Survey {
    private final Sink sink;
    private final String job;
    private final Map<Level, Instant> verified = new EnumMap<>(Level.class);
    private @Nullable Instant drilled;

    Survey(Sink sink, String job) {
        this.sink = sink;
        this.job = job;
    }

    JobSurvey take() throws IOException, InterruptedException {
        Journal journal = new Journal(sink);
        Catalog catalog = Catalog.of(journal, job, this::noteProofs);
        List<BackupSummary> backups = catalog.summaries();
        @Nullable
        Instant newestWhole = backups.stream()
                .filter(backup -> backup.outcome().isWhole())
                .map(BackupSummary::timestamp)
                .findFirst()
                .orElse(null);
        return new JobSurvey(
                job,
                backups.size(),
                backups.stream()
                        .filter(backup -> backup.outcome() == Outcome.PARTIAL)
                        .count(),
                backups.stream().filter(backup -> backup.hold() == Hold.HELD).count(),
                backups.isEmpty() ? null : backups.get(backups.size() - 1).timestamp(),
                backups.isEmpty() ? null : backups.get(0).timestamp(),
                newestWhole,
                verified,
                drilled,
                new StoredSizes(sink).of(catalog.entries()));
    }

    private void noteProofs(BackupDirectory directory) {
        for (StoredObject object : directory.objects()) {
            String key = object.key();
            JournalName name =
                    JournalName.parse(key.substring(key.lastIndexOf('/') + 1)).orElse(null);
            if (name instanceof Verified proof) {
                verified.merge(proof.level(), object.lastModified(), Survey::later);
            } else if (name == Plain.DRILLED) {
                drilled = drilled == null ? object.lastModified() : later(drilled, object.lastModified());
            }
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
