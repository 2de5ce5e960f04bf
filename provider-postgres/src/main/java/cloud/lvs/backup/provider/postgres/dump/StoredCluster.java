package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backup of a cluster consists of.
 *
 * @param globals roles and tablespaces, or null if it has none
 * @param script one script of everything, or null; then there is nothing else
 * @param databases the databases that have artifacts of their own, in the order to restore them in
 * @param noted what the manifest notes of each item, by its id
 */
public record StoredCluster(
        @Nullable StoredArtifact globals,
        @Nullable StoredArtifact script,
        List<StoredDatabase> databases,
        Map<String, Map<String, String>> noted) {
    /**
     * One database.
     *
     * @param item its id
     * @param name as PostgreSQL has it
     * @param parts its artifacts, in the order to restore them in
     */
    public record StoredDatabase(String item, String name, List<StoredArtifact> parts) {
        public StoredDatabase {
            parts = List.copyOf(parts);
        }
    }

    public StoredCluster {
        databases = List.copyOf(databases);
        noted = Map.copyOf(noted);
    }

    /** Whether an artifact is one script of all databases. */
    public static boolean isScriptOfEverything(StoredArtifact artifact) {
        return artifact.role().equals(ArtifactRoles.CLUSTER);
    }

    /** @throws BackupException of kind {@code VERIFICATION} if the backup holds nothing of PostgreSQL */
    public static StoredCluster of(Manifest manifest) throws BackupException {
        StoredArtifact globals = null;
        StoredArtifact script = null;
        Map<String, List<StoredArtifact>> parts = new LinkedHashMap<>();
        for (StoredArtifact artifact : manifest.artifacts().stream()
                .sorted(Comparator.comparingInt(StoredArtifact::ordinal))
                .toList()) {
            switch (artifact.role()) {
                case ArtifactRoles.GLOBALS -> globals = artifact;
                case ArtifactRoles.CLUSTER -> script = artifact;
                default ->
                    parts.computeIfAbsent(artifact.item(), item -> new ArrayList<>())
                            .add(artifact);
            }
        }
        if (globals == null && script == null && parts.isEmpty()) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + manifest.id(),
                    "holds nothing that PostgreSQL could be restored from",
                    "use another backup");
        }
        List<StoredDatabase> databases = new ArrayList<>();
        parts.forEach(
                (item, artifacts) -> databases.add(new StoredDatabase(item, ItemNames.databaseOf(item), artifacts)));
        Map<String, Map<String, String>> noted = new LinkedHashMap<>();
        for (ItemResult item : manifest.items()) {
            noted.put(item.item(), item.facts());
        }
        return new StoredCluster(globals, script, databases, noted);
    }

    /** What the manifest notes of an item under a name. */
    Optional<String> noted(String item, String name) {
        Map<String, String> facts = noted.get(item);
        return facts == null ? Optional.empty() : Optional.ofNullable(facts.get(name));
    }
}
