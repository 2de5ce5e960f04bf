package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The SQLite datastore of a data directory as it was found. Two that are equal were found in the same state: nothing was
 * written in between.
 *
 * @param dir where
 * @param state how it may be opened
 * @param database the facts of {@code state.db}
 * @param wal those of {@code state.db-wal}
 * @param shm those of {@code state.db-shm}; its times say nothing, as it is written through memory
 * @param journal those of {@code state.db-journal}
 */
record Datastore(
        DataDir dir,
        State state,
        FileFacts database,
        Optional<FileFacts> wal,
        Optional<FileFacts> shm,
        Optional<FileFacts> journal) {

    /**
     * How a database may be opened without a file being made beside it. Even a read-only connection makes {@code -wal}
     * and {@code -shm} where it may and they are missing, and leaves them (SQLite manual, "Write-Ahead Logging", 5).
     */
    enum State {
        /** Both side files exist: k3s runs, or crashed and left an index to its WAL. A read-only connection is right. */
        LIVE,
        /** There is nothing but the database. It has to be opened as immutable. */
        CLEAN,
        /** A log without an index. It can only be recovered in a copy, as that writes. */
        CRASHED
    }

    /**
     * Finds out which datastore k3s uses here.
     *
     * @throws BackupException if it is not SQLite, or not there
     */
    static Datastore detect(DataDir dir) throws BackupException {
        if (FileFacts.of(dir.root()).filter(FileFacts::directory).isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "k3s data directory " + dir.root(),
                    "is not a directory",
                    "set dataDir to what k3s server --data-dir says (by default /var/lib/rancher/k3s)");
        }
        refuseEtcd(dir);
        Optional<FileFacts> database = FileFacts.of(dir.database());
        if (database.isEmpty()) {
            throw refusal(
                    dir,
                    FileFacts.of(dir.migrated()).isPresent()
                            ? "was moved to etcd: only state.db.migrated is left"
                            : "does not exist, and neither does embedded etcd: k3s uses an external datastore here,"
                                    + " or this is an agent, or another directory is its data directory",
                    FileFacts.of(dir.migrated()).isPresent()
                            ? "back this server up with k3s etcd-snapshot"
                            : "set dataDir to what k3s server --data-dir says; an external datastore is backed up with"
                                    + " its own source");
        }
        if (FileFacts.of(dir.migrated()).isPresent()) {
            throw refusal(
                    dir,
                    "lies beside state.db.migrated: k3s has moved to etcd and this file is a leftover",
                    "back this server up with k3s etcd-snapshot, or move state.db.migrated away if k3s went back");
        }
        FileFacts found = database.get();
        if (found.directory()) {
            throw refusal(dir, "is a directory", "set dataDir to what k3s server --data-dir says");
        }
        if (found.sizeBytes() == 0 && FileFacts.sizeOf(dir.wal()) == 0) {
            throw refusal(
                    dir,
                    "is empty (0 bytes)",
                    "check the disk and the k3s log; restore a backup if k3s does not start");
        }
        if (!Files.isReadable(dir.database())) {
            throw refusal(dir, "may not be read by this user", "run as root or with CAP_DAC_READ_SEARCH");
        }
        Optional<FileFacts> wal = FileFacts.of(dir.wal());
        Optional<FileFacts> shm = FileFacts.of(dir.shm());
        Optional<FileFacts> journal = FileFacts.of(dir.journal());
        return new Datastore(dir, stateOf(wal, shm, journal), found, wal, shm, journal);
    }

    /** @throws BackupException if k3s would start from embedded etcd and ignore {@code state.db} */
    static void refuseEtcd(DataDir dir) throws BackupException {
        if (FileFacts.of(dir.etcdWal()).filter(FileFacts::directory).isPresent()) {
            throw refusal(
                    dir,
                    "is not what k3s uses: embedded etcd is initialised (" + dir.etcdWal() + ")",
                    "back this server up with k3s etcd-snapshot; if etcd is a leftover, move server/db/etcd away");
        }
    }

    private static BackupException refusal(DataDir dir, String problem, String remedy) {
        return new BackupException(Kind.SOURCE, "k3s datastore " + dir.database(), problem, remedy);
    }

    private static State stateOf(Optional<FileFacts> wal, Optional<FileFacts> shm, Optional<FileFacts> journal) {
        if (wal.isPresent() && shm.isPresent()) {
            return State.LIVE;
        }
        boolean unfinished = Stream.of(wal, journal).flatMap(Optional::stream).anyMatch(file -> file.sizeBytes() > 0);
        return unfinished ? State.CRASHED : State.CLEAN;
    }

    /** How much there is to read. */
    long sizeBytes() {
        return database.sizeBytes() + logBytes();
    }

    private long logBytes() {
        return wal.map(FileFacts::sizeBytes).orElse(0L)
                + journal.map(FileFacts::sizeBytes).orElse(0L);
    }

    /** How much room a copy may need: that of a crashed one is recovered in a first copy. */
    long scratchBytes() {
        return state == State.CRASHED ? 2 * sizeBytes() : sizeBytes();
    }

    /** When k3s last wrote. */
    Instant lastWritten() {
        Instant written = database.modified().toInstant();
        Instant logged = wal.map(file -> file.modified().toInstant()).orElse(written);
        return logged.isAfter(written) ? logged : written;
    }

    /**
     * Whether nothing has been written since. Only meaningful unless {@link State#LIVE}.
     *
     * @throws BackupException if k3s moved to another datastore meanwhile
     */
    boolean isUnchanged() throws BackupException {
        return equals(detect(dir));
    }
}
