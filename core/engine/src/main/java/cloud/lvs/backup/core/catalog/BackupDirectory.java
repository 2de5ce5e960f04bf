package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Shard;
import cloud.lvs.backup.spi.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of one run in the journal, by the names of its objects.
 *
 * <p>A backup exists when the directory has {@code begun} and {@code committed} and neither {@code deleting} nor an
 * {@code abandoned} mark.
 */
public final class BackupDirectory {
    private final BackupId id;
    private final List<StoredObject> objects;
    private final List<StoredObject> marks = new ArrayList<>();
    private final List<ObjectKey> intents = new ArrayList<>();
    private @Nullable StoredObject begun;
    private @Nullable StoredObject committed;
    private JournalName.@Nullable Committed commit;
    private boolean held;
    private boolean deleting;

    BackupDirectory(BackupId id, List<StoredObject> objects) {
        this.id = id;
        this.objects = List.copyOf(objects);
        for (StoredObject object : objects) {
            JournalName name = JournalName.parse(
                            object.key().substring(object.key().lastIndexOf('/') + 1))
                    .orElseThrow();
            if (name instanceof JournalName.Committed found) {
                committed = object;
                commit = found;
            } else if (name instanceof JournalName.Abandoned) {
                marks.add(object);
            } else if (name instanceof JournalName.Intent) {
                intents.add(new ObjectKey(object.key()));
            } else if (name == JournalName.Plain.BEGUN) {
                begun = object;
            } else if (name == JournalName.Plain.HELD) {
                held = true;
            } else if (name == JournalName.Plain.DELETING) {
                deleting = true;
            }
        }
    }

    /** The backup, or the run that never became one. */
    public BackupId id() {
        return id;
    }

    /** Everything of ours in the directory, ascending by key. */
    public List<StoredObject> objects() {
        return objects;
    }

    /** Whether the backup exists. */
    public boolean isLive() {
        return hasBegun() && isCommitted() && !deleting && marks.isEmpty();
    }

    public boolean hasBegun() {
        return begun != null;
    }

    public boolean isCommitted() {
        return committed != null;
    }

    public boolean isHeld() {
        return held;
    }

    public boolean isDeleting() {
        return deleting;
    }

    /** The {@code abandoned} marks. */
    public List<StoredObject> marks() {
        return List.copyOf(marks);
    }

    /** The keys of the {@code intent} objects. */
    public List<ObjectKey> intents() {
        return List.copyOf(intents);
    }

    /** Where the manifest is; empty if there is no {@code committed}. */
    public Optional<ObjectKey> committedKey() {
        return Optional.ofNullable(committed).map(object -> new ObjectKey(object.key()));
    }

    /** When the directory began, by its name or by the store, whichever is later. */
    public Instant began() {
        Instant began = id.timestamp();
        if (begun != null) {
            return later(began, begun.lastModified());
        }
        // Without a beginning it is the remains of a sweep: the newest of them tells when that was.
        return objects.stream().map(StoredObject::lastModified).reduce(began, BackupDirectory::later);
    }

    /** How the run that committed ended, by the name of {@code committed}; empty if there is none. */
    public Optional<Outcome> outcome() {
        return Optional.ofNullable(commit).map(JournalName.Committed::outcome);
    }

    /**
     * The backup as retention and {@code list} see it, also while a mark hides it.
     *
     * @throws IllegalStateException if it was never committed
     */
    public CatalogEntry entry() {
        StoredObject object = committed;
        JournalName.Committed name = commit;
        if (object == null || name == null) {
            throw new IllegalStateException(id + " is not a backup");
        }
        BackupSummary summary = new BackupSummary(id, name.outcome(), held ? Hold.HELD : Hold.NONE);
        return new CatalogEntry(summary, name, object.lastModified());
    }

    /**
     * A backup in the catalog.
     *
     * @param summary the backup by its keys
     * @param commit how it was committed; the summary's outcome is {@code PARTIAL} while its group is incomplete
     * @param committedAt when it was committed, by the store's clock
     */
    public record CatalogEntry(BackupSummary summary, JournalName.Committed commit, Instant committedAt) {
        /** How far the clock of a run may be from the store's. */
        public static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

        /** The backup. */
        public BackupId id() {
            return summary.id();
        }

        /** Whether it is dated ahead of the moment the store saw it: it was made under a wrong clock. */
        public boolean isDatedAhead() {
            return summary.timestamp().isAfter(committedAt.plus(CLOCK_TOLERANCE));
        }

        /** The part of a logical run, or null if the backup is whole by itself. */
        public @Nullable Shard shard() {
            return commit.shard();
        }

        /** Where the manifest is. */
        public ObjectKey manifestKey() {
            return commit.keyIn(summary.id());
        }

        CatalogEntry withOutcome(Outcome outcome) {
            return new CatalogEntry(new BackupSummary(summary.id(), outcome, summary.hold()), commit, committedAt);
        }
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
