package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Chooses what of a backup a restore is about. */
public final class ItemSelection {
    private static final int MOST_NAMED = 20;

    private ItemSelection() {}

    /**
     * The artifacts of the items that a request names, or of all if it names none; by ordinal, the order to restore in.
     *
     * @throws BackupException of kind {@code CONFIG} if an item is not in the backup; it names those that are
     */
    public static List<StoredArtifact> artifacts(Manifest manifest, RestoreRequest request) throws BackupException {
        Set<String> present =
                manifest.artifacts().stream().map(StoredArtifact::item).collect(Collectors.toCollection(TreeSet::new));
        requirePresent(request.items(), present);
        return manifest.artifacts().stream()
                .filter(artifact -> request.items().isEmpty() || request.items().contains(artifact.item()))
                .sorted(Comparator.comparingInt(StoredArtifact::ordinal))
                .toList();
    }

    /**
     * For a source that tells by other means what a backup holds.
     *
     * @param wanted the items that a request names
     * @param present the items of the backup, in the order to name them
     * @throws BackupException of kind {@code CONFIG} if an item is not in the backup; it names those that are
     */
    public static void requirePresent(Collection<String> wanted, Collection<String> present) throws BackupException {
        for (String item : wanted) {
            if (!present.contains(item)) {
                throw new BackupException(
                        Kind.CONFIG,
                        "item " + item,
                        "is not in this backup; " + named(present),
                        "name one of those, or another backup");
            }
        }
    }

    private static String named(Collection<String> present) {
        if (present.isEmpty()) {
            return "there is none";
        }
        String names = present.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        int more = present.size() - MOST_NAMED;
        return (present.size() == 1 ? "there is " : "there are ") + names + (more > 0 ? " and " + more + " more" : "");
    }
}
