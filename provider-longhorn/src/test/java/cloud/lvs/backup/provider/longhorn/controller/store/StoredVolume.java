package cloud.lvs.backup.provider.longhorn.controller.store;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A source volume in the store, with its backups and the locks that stand on it. */
public final class StoredVolume {
    private final String name;
    private final Instant created;
    private long sizeBytes;
    private String storageClass = "";
    private String lastBackup = "";
    private Map<String, String> labels = Map.of();
    private final TreeMap<String, StoredBackup> backups = new TreeMap<>();
    private final Set<Lock> locks = new HashSet<>();

    /** A volume without backups. */
    public StoredVolume(String name, long sizeBytes, Instant created) {
        this.name = name;
        this.sizeBytes = sizeBytes;
        this.created = created;
    }

    /** What a lock is held for. */
    public enum Work {
        BACKUP_OR_RESTORE,
        DELETION
    }

    /** A lock, and when it expires. */
    public record Lock(String holder, Work work, Instant expires) {}

    /** The volume's name. */
    public String name() {
        return name;
    }

    /** When the volume was made. */
    public Instant created() {
        return created;
    }

    /** The volume's size. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Sets what {@code volume.cfg} says of the volume. */
    public void describe(long size, String storageClassName) {
        sizeBytes = size;
        storageClass = storageClassName;
    }

    /** The storage class, empty when unknown. */
    public String storageClass() {
        return storageClass;
    }

    /** The name of the last backup, empty when there is none. */
    public String lastBackup() {
        return lastBackup;
    }

    /** The labels of the last backup. */
    public Map<String, String> labels() {
        return labels;
    }

    /** The backups by name. */
    public Map<String, StoredBackup> backups() {
        return backups;
    }

    /** Stores a backup, as finished or in progress. */
    public void put(StoredBackup backup) {
        backups.put(backup.name(), backup);
        if (backup.created().isPresent()) {
            lastBackup = backup.name();
            labels = backup.labels();
        }
    }

    /** Removes a backup. */
    public void remove(String backup) {
        backups.remove(backup);
        if (lastBackup.equals(backup)) {
            Optional<StoredBackup> newest = backups.values().stream()
                    .filter(one -> one.created().isPresent())
                    .max(Comparator.comparing(one -> one.created().orElseThrow()));
            lastBackup = newest.map(StoredBackup::name).orElse("");
            labels = newest.map(StoredBackup::labels).orElse(Map.of());
        }
    }

    /** Bytes that the blocks of the volume take. */
    public long storedBytes() {
        return backups.values().stream()
                .mapToLong(StoredBackup::sizeBytes)
                .max()
                .orElse(0);
    }

    /** A lock that keeps this work from being done now. */
    public Optional<Lock> lockAgainst(Work work, Instant now) {
        locks.removeIf(lock -> !lock.expires().isAfter(now));
        return locks.stream().filter(lock -> lock.work() != work).findFirst();
    }

    /** Takes a lock. */
    public void lock(Lock lock) {
        locks.add(lock);
    }

    /** Gives up all locks of a holder. */
    public void unlock(String holder) {
        locks.removeIf(lock -> lock.holder().equals(holder));
    }
}
