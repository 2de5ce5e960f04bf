package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.catalog.JournalName.Verified;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a sink holds of a job, by listings: one of the job's journal, and one of the whole sink for the sizes. Payload
 * keys hold the id of their run, whatever their layout; only for a backup that no key names (an adopted one) is its manifest
 * read.
 */
final class Survey {
    /** So many manifests are read at most for the sizes of one job. */
    private static final int MOST_READS = 1000;

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
                storedBytes(journal, catalog.entries()));
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

    private OptionalLong storedBytes(Journal journal, List<CatalogEntry> entries)
            throws IOException, InterruptedException {
        if (entries.isEmpty()) {
            return OptionalLong.of(0);
        }
        Map<String, Long> bytesByRun = new HashMap<>();
        entries.forEach(entry -> bytesByRun.put(entry.summary().id().run().value(), 0L));
        addListed(bytesByRun);
        long sum = 0;
        int reads = 0;
        for (CatalogEntry entry : entries) {
            long listed = bytesByRun.getOrDefault(entry.summary().id().run().value(), 0L);
            if (listed == 0 && ++reads > MOST_READS) {
                return OptionalLong.empty();
            }
            sum += listed == 0 ? noted(journal, entry) : listed;
        }
        return OptionalLong.of(sum);
    }

    private void addListed(Map<String, Long> bytesByRun) throws IOException, InterruptedException {
        try (Stream<StoredObject> listing = sink.list("")) {
            for (Iterator<StoredObject> objects = listing.iterator(); objects.hasNext(); ) {
                StoredObject object = objects.next();
                if (!object.key().startsWith(Journal.ROOT)) {
                    add(object, bytesByRun);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Counts an object for the run whose id stands in its key by itself. */
    private static void add(StoredObject object, Map<String, Long> bytesByRun) {
        String key = object.key();
        int begin = 0;
        for (int end = 0; end <= key.length(); end++) {
            if (end < key.length() && isIdCharacter(key.charAt(end))) {
                continue;
            }
            if (end > begin
                    && bytesByRun.computeIfPresent(
                                    key.substring(begin, end), (run, bytes) -> bytes + object.sizeBytes())
                            != null) {
                return;
            }
            begin = end + 1;
        }
    }

    private static boolean isIdCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    private static long noted(Journal journal, CatalogEntry entry) throws IOException, InterruptedException {
        try {
            return journal.read(entry.manifestKey(), Manifest.class).artifacts().stream()
                    .mapToLong(StoredArtifact::storedBytes)
                    .sum();
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                // Pruned since it was listed.
                return 0;
            }
            throw e;
        }
    }
}
