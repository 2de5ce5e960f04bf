package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What backups take in a sink. Of a few the manifests are read; of many the whole sink is listed, since payload keys hold the id
 * of their run, whatever their layout. Only of those that no key names (adopted ones) are the manifests read then.
 */
public final class StoredSizes {
    private static final int FEW = 32;
    /** Beyond so many manifests the answer is not worth its price. */
    private static final int MOST_READS = 1000;

    private final Sink sink;
    private final Journal journal;

    public StoredSizes(Sink sink) {
        this.sink = sink;
        this.journal = new Journal(sink);
    }

    /**
     * The stored bytes of all of them.
     *
     * @return empty if it would cost too much to tell, or a manifest is damaged or cannot be read now
     */
    public OptionalLong of(Collection<CatalogEntry> backups) throws IOException, InterruptedException {
        Map<String, Long> listed = backups.size() <= FEW ? Map.of() : listed(backups);
        long sum = 0;
        int reads = 0;
        for (CatalogEntry backup : backups) {
            long bytes = listed.getOrDefault(runOf(backup), 0L);
            if (bytes == 0) {
                OptionalLong noted = ++reads > MOST_READS ? OptionalLong.empty() : noted(backup);
                if (noted.isEmpty()) {
                    return noted;
                }
                bytes = noted.getAsLong();
            }
            sum += bytes;
        }
        return OptionalLong.of(sum);
    }

    private static String runOf(CatalogEntry backup) {
        return backup.summary().id().run().value();
    }

    /** By run. */
    private Map<String, Long> listed(Collection<CatalogEntry> backups) throws IOException, InterruptedException {
        Map<String, Long> bytes = new HashMap<>();
        backups.forEach(backup -> bytes.put(runOf(backup), 0L));
        try (Stream<StoredObject> listing = sink.list("")) {
            for (Iterator<StoredObject> objects = listing.iterator(); objects.hasNext(); ) {
                StoredObject object = objects.next();
                if (!object.key().startsWith(Journal.ROOT)) {
                    add(object, bytes);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return bytes;
    }

    /** Counts an object for the run whose id stands in its key by itself. */
    private static void add(StoredObject object, Map<String, Long> bytesByRun) {
        String key = object.key();
        int begin = 0;
        for (int end = 0; end <= key.length(); end++) {
            if (end < key.length() && isIdCharacter(key.charAt(end))) {
                continue;
            }
            String word = key.substring(begin, end);
            if (bytesByRun.computeIfPresent(word, (run, bytes) -> bytes + object.sizeBytes()) != null) {
                return;
            }
            begin = end + 1;
        }
    }

    private static boolean isIdCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    private OptionalLong noted(CatalogEntry backup) throws IOException, InterruptedException {
        try {
            return OptionalLong.of(journal.read(backup.manifestKey(), Manifest.class).artifacts().stream()
                    .mapToLong(StoredArtifact::storedBytes)
                    .sum());
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                // Pruned since it was listed.
                return OptionalLong.of(0);
            }
            if (e.kind() != Kind.VERIFICATION) {
                journal.requireAnswer(backup.id(), e);
            }
            return OptionalLong.empty();
        }
    }
}
