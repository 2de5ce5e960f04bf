package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Intended;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What belongs to a backup, or to a run that never became one: what its manifest and its intents name. Where the store has
 * damaged one of them the others tell.
 */
public final class NamedObjects {
    private static final int SHA256_LINE = 64 + 2;

    private final Journal journal;
    private final BackupDirectory directory;
    private final Set<ObjectKey> named = new LinkedHashSet<>();
    private final List<ExternalReference> external = new ArrayList<>();
    private final List<ObjectKey> damagedIntents = new ArrayList<>();
    private Optional<Manifest> manifest = Optional.empty();
    private boolean namesAll;

    private NamedObjects(Journal journal, BackupDirectory directory) {
        this.journal = journal;
        this.directory = directory;
    }

    /** Of a run that never committed. */
    static NamedObjects ofRemains(Journal journal, BackupDirectory directory)
            throws IOException, InterruptedException, Unreadable {
        NamedObjects belongings = new NamedObjects(journal, directory);
        belongings.readIntents();
        if (!belongings.damagedIntents.isEmpty()) {
            belongings.readSums();
        }
        belongings.namesAll = belongings.damagedIntents.isEmpty();
        return belongings;
    }

    /**
     * Of a backup that is to be deleted.
     *
     * @throws Unreadable if what it consists of cannot be told now
     */
    static NamedObjects ofBackup(ManifestReader manifests, Journal journal, BackupDirectory directory)
            throws IOException, InterruptedException, Unreadable {
        NamedObjects belongings = new NamedObjects(journal, directory);
        belongings.manifest = belongings.readManifest(manifests);
        belongings.readIntents();
        belongings.manifest.ifPresent(manifest ->
                manifest.artifacts().stream().map(StoredArtifact::key).forEach(belongings.named::add));
        if (belongings.artifacts().isEmpty() && !belongings.isAdopted()) {
            belongings.readSums();
        }
        // The manifest of a partial backup does not name what items have left that failed.
        boolean manifestNamesAll = belongings.artifacts().size() > 0
                && belongings
                        .manifest
                        .map(Manifest::outcome)
                        .filter(Outcome::isWhole)
                        .isPresent();
        boolean intentsNameAll = belongings.damagedIntents.isEmpty() && !belongings.isAdopted();
        belongings.namesAll = manifestNamesAll || intentsNameAll;
        return belongings;
    }

    private Optional<Manifest> readManifest(ManifestReader manifests)
            throws IOException, InterruptedException, Unreadable {
        Optional<ObjectKey> committed = directory.committedKey();
        if (committed.isPresent()) {
            Optional<ManifestReader.Found> found = find(manifests, committed.get());
            if (found.isPresent() && found.get().fitsSums()) {
                return Optional.of(found.get().manifest());
            }
        }
        return directory.isDeleting() ? readDeleting() : Optional.empty();
    }

    private Optional<ManifestReader.Found> find(ManifestReader manifests, ObjectKey committed)
            throws IOException, InterruptedException, Unreadable {
        try {
            return Optional.of(manifests.find(directory.id(), committed));
        } catch (BackupException e) {
            journal.requireAnswer(directory.id(), e);
            if (isAdopted() && e.kind() != Kind.VERIFICATION) {
                // It has no intents: only the manifest can tell.
                throw unreadable(e);
            }
            return Optional.empty();
        }
    }

    private Optional<Manifest> readDeleting() throws IOException, InterruptedException, Unreadable {
        try {
            return Optional.of(journal.read(Plain.DELETING.keyIn(directory.id()), Manifest.class));
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw unreadable(e);
            }
            return Optional.empty();
        }
    }

    private void readIntents() throws IOException, InterruptedException, Unreadable {
        for (ObjectKey key : directory.intents()) {
            try {
                Intended intended = journal.read(key, Intended.class);
                if (intended.key() != null) {
                    named.add(intended.key());
                }
                if (intended.external() != null) {
                    external.add(intended.external());
                }
            } catch (BackupException e) {
                if (e.kind() == Kind.VERIFICATION) {
                    damagedIntents.add(key);
                } else if (e.kind() != Kind.NOT_FOUND) {
                    throw unreadable(e);
                }
                // Another prune removed it after the payload it names.
            }
        }
    }

    /** What belongs to a directory cannot be told now: that keeps it from being deleted, and no other. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        private Unreadable(BackupException cause) {
            super(cause.getMessage() + " (" + cause.remedy() + ")", cause);
        }
    }

    private Unreadable unreadable(BackupException e) throws IOException, InterruptedException {
        journal.requireAnswer(directory.id(), e);
        return new Unreadable(e);
    }

    private void readSums() throws IOException, InterruptedException {
        try {
            new String(journal.readBytes(Plain.SUMS.keyIn(directory.id())), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.length() > SHA256_LINE)
                    .map(line -> line.substring(SHA256_LINE))
                    .filter(key -> ObjectKey.isValid(key) && !key.startsWith(Journal.ROOT))
                    .map(ObjectKey::new)
                    .forEach(named::add);
        } catch (BackupException e) {
            journal.requireAnswer(directory.id(), e);
            // It was one witness more.
        }
    }

    private boolean isAdopted() {
        return directory.outcome().equals(Optional.of(Outcome.ADOPTED));
    }

    private List<StoredArtifact> artifacts() {
        return manifest.map(Manifest::artifacts).orElse(List.of());
    }

    /** The manifest, or what stands in for one that cannot be read. */
    Manifest manifest() {
        return manifest.orElseGet(() -> Manifest.builder(directory.id(), "unknown")
                .outcome(directory.outcome().orElse(Outcome.FAILED))
                .startedAt(directory.id().timestamp())
                .finishedAt(directory.id().timestamp())
                .external(external)
                .warnings(List.of("the manifest could not be read when the backup was deleted"))
                .build());
    }

    /** Whether all that was captured is named for certain. */
    boolean areComplete() {
        return namesAll;
    }

    /** The keys of payload that is named; whether it belongs to it is to be seen by the key. */
    Set<ObjectKey> payload() {
        return named;
    }

    /** What lies outside the sink, by the intents. */
    List<ExternalReference> announcedOutside() {
        return external;
    }

    /** How a key of its payload is known: it holds the id of the run or, of what another tool stored, the timestamp. */
    String mark() {
        return manifest.map(Manifest::outcome)
                        .or(directory::outcome)
                        .filter(Outcome.ADOPTED::equals)
                        .isPresent()
                ? BackupId.format(directory.id().timestamp())
                : directory.id().run().value();
    }

    /** What the named keys take by the manifest. */
    long storedBytes(Set<ObjectKey> keys) {
        return artifacts().stream()
                .filter(artifact -> keys.contains(artifact.key()))
                .mapToLong(StoredArtifact::storedBytes)
                .sum();
    }
}
