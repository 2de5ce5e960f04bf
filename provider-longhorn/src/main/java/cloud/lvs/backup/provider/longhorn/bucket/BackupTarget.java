package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.provider.longhorn.bucket.ConfigurationReader.BlockVisitor;
import cloud.lvs.backup.provider.longhorn.bucket.StoredVolumeBackup.State;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Store;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The backup target of a Longhorn, read through the read side of a sink whose root is that of the target. Thread-safe. */
public final class BackupTarget {
    private final Store store;
    private final ConfigurationReader reader = new ConfigurationReader();

    public BackupTarget(Store store) {
        this.store = store;
    }

    /** The names of the volumes, in the order of their hashes. Reads one page of the listing for each, not their blocks. */
    public List<String> volumes() throws IOException, InterruptedException {
        List<String> volumes = new ArrayList<>();
        String after = "";
        while (true) {
            Optional<StoredObject> next = firstAfter(after);
            if (next.isEmpty()) {
                return volumes;
            }
            Optional<String> volume = TargetKeys.volumeOf(next.get().key());
            if (volume.isPresent()) {
                volumes.add(volume.get());
                // '0' follows '/': past everything of this volume.
                String folder = TargetKeys.volume(volume.get());
                after = folder.substring(0, folder.length() - 1) + "0";
            } else {
                after = next.get().key();
            }
        }
    }

    private Optional<StoredObject> firstAfter(String after) throws IOException, InterruptedException {
        try (Stream<StoredObject> listing = store.list(TargetKeys.VOLUMES, after)) {
            return listing.findFirst();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * What {@code volume.cfg} says.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is missing or cannot be read
     */
    public VolumeConfiguration volume(String volume) throws IOException, InterruptedException {
        ObjectKey key = TargetKeys.volumeConfiguration(volume);
        try (InputStream in = store.open(key)) {
            return reader.volume(key, in);
        } catch (BackupException e) {
            throw e.kind() == Kind.NOT_FOUND ? missing(key) : e;
        }
    }

    /** The backups of a volume, ascending by name, whatever became of them. */
    public List<StoredVolumeBackup> backups(String volume) throws IOException, InterruptedException {
        List<StoredVolumeBackup> backups = new ArrayList<>();
        try (Stream<StoredObject> listing = store.list(TargetKeys.backups(volume))) {
            for (Iterator<StoredObject> it = listing.iterator(); it.hasNext(); ) {
                StoredObject object = it.next();
                Optional<String> name = TargetKeys.backupOf(object.key());
                if (name.isPresent()) {
                    backups.add(backup(volume, name.get(), object));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return backups;
    }

    private StoredVolumeBackup backup(String volume, String name, StoredObject object)
            throws IOException, InterruptedException {
        BackupConfiguration configuration = null;
        String reason = "";
        try {
            configuration = backup(volume, name, (offset, checksum) -> {});
            List<String> contradictions =
                    configuration.isComplete() ? configuration.contradictions(volume, name) : List.of();
            reason = String.join("; ", contradictions);
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            reason = e.problem();
        }
        return new StoredVolumeBackup(
                volume, name, state(configuration, reason), configuration, reason(configuration, reason), object);
    }

    private static State state(@Nullable BackupConfiguration configuration, String reason) {
        if (configuration == null || !reason.isEmpty()) {
            return State.FAILED;
        }
        return configuration.isComplete() ? State.COMPLETE : State.IN_PROGRESS;
    }

    private static String reason(@Nullable BackupConfiguration configuration, String reason) {
        return configuration == null || configuration.isComplete() ? reason : "Longhorn has not finished it";
    }

    /**
     * What the configuration of a backup says.
     *
     * @param visitor is told its blocks
     * @throws BackupException of kind {@code VERIFICATION} if it is missing or cannot be read
     */
    BackupConfiguration backup(String volume, String name, BlockVisitor visitor)
            throws IOException, InterruptedException {
        ObjectKey key = TargetKeys.backupConfiguration(volume, name);
        try (InputStream in = store.open(key)) {
            return reader.backup(key, in, visitor);
        } catch (BackupException e) {
            throw e.kind() == Kind.NOT_FOUND ? missing(key) : e;
        }
    }

    /** The objects below {@code blocks/} of a volume, ascending by the checksum in their names; close it. */
    Stream<StoredObject> blocks(String volume) throws IOException, InterruptedException {
        return store.list(TargetKeys.blocks(volume));
    }

    BlockReader blockReader() {
        return new BlockReader(store);
    }

    private static BackupException missing(ObjectKey key) {
        return new BackupException(
                Kind.VERIFICATION,
                "object " + key,
                "is gone from the backup target",
                "Longhorn or a lifecycle rule deleted it; use another backup");
    }
}
