package cloud.lvs.backup.provider.k3s.datastore;

import cloud.lvs.backup.provider.k3s.files.FileStat;
import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The SQLite datastore of a data directory as it was found. Two that are equal were found in the same state: nothing was
 * written in between.
 *
 * @param dir where
 * @param file its files
 * @param state how it may be opened
 * @param server whether k3s has it open
 * @param database the facts of {@code state.db}
 * @param wal those of {@code state.db-wal}
 * @param shm those of {@code state.db-shm}; its times say nothing, as it is written through memory
 * @param journal those of {@code state.db-journal}
 */
public record Datastore(
        DataDir dir,
        DatabaseFile file,
        State state,
        RunningK3s server,
        FileStat database,
        Optional<FileStat> wal,
        Optional<FileStat> shm,
        Optional<FileStat> journal) {

    public static final String SET_DATA_DIR =
            "set dataDir to what k3s server --data-dir says (by default /var/lib/rancher/k3s)";

    private static final int LOOKS = 5;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    /**
     * How a database may be opened without anything being written beside it. Even a read-only connection makes {@code -wal}
     * and {@code -shm} where it may and they are missing, and writes an index anew that nobody uses (SQLite manual,
     * "Write-Ahead Logging", 5).
     */
    public enum State {
        /** Both side files exist, and k3s uses them as far as can be told. A read-only connection is right. */
        LIVE,
        /** There is nothing but the database. It has to be opened as immutable. */
        CLEAN,
        /** A log that nobody uses. It can only be recovered in a copy, as that writes. */
        CRASHED
    }

    /**
     * Finds out which datastore k3s uses here.
     *
     * @throws BackupException if it is not SQLite, not there, or has a log that cannot be seen
     */
    public static Datastore detect(DataDir dir) throws BackupException {
        for (int look = 1; ; look++) {
            Datastore found = look(dir);
            // As it starts and stops, k3s has its database open for a moment without a log.
            boolean logUnseen = found.server == RunningK3s.RUNNING && found.state != State.LIVE;
            boolean parted = found.server == RunningK3s.PARTED;
            if (!logUnseen && !parted) {
                return found;
            }
            if (look == LOOKS && parted) {
                throw refusal(
                        dir,
                        "is not the database that the running k3s writes to: it was replaced while k3s ran",
                        "stop k3s and restore the database you want with k3s stopped");
            }
            if (look == LOOKS) {
                throw refusal(
                        dir,
                        "is open in a running process, but "
                                + (found.wal.isEmpty()
                                        ? "no write-ahead log lies beside " + found.file.file()
                                        : "the write-ahead log beside it has no index")
                                + ": what that process has committed last cannot be seen",
                        "mount the whole data directory, and set dataDir to what k3s server --data-dir says; if the log was"
                                + " deleted while k3s ran, restart k3s");
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    private static Datastore look(DataDir dir) throws BackupException {
        requireDirectory(dir, SET_DATA_DIR);
        refuseEtcd(dir);
        DatabaseFile file = dir.databaseFile();
        FileStat database = FileStat.of(file.file()).orElseThrow(() -> absent(dir, file));
        if (isMigrated(dir)) {
            throw refusal(
                    dir,
                    "lies beside state.db.migrated: k3s has moved to etcd and this file is a leftover",
                    "back this server up with k3s etcd-snapshot, or move state.db.migrated away if k3s went back");
        }
        Optional<FileStat> wal = FileStat.of(file.wal());
        Optional<FileStat> shm = FileStat.of(file.shm());
        Optional<FileStat> journal = FileStat.of(file.journal());
        requireRegular(dir, file.file(), Optional.of(database));
        requireRegular(dir, file.wal(), wal);
        requireRegular(dir, file.shm(), shm);
        requireRegular(dir, file.journal(), journal);
        if (database.sizeBytes() == 0 && wal.map(FileStat::sizeBytes).orElse(0L) == 0) {
            throw refusal(
                    dir,
                    "is empty (0 bytes)",
                    "check the disk and the k3s log; restore a backup if k3s does not start");
        }
        if (!Files.isReadable(file.file())) {
            throw refusal(dir, "may not be read by this user", "run as root or with CAP_DAC_READ_SEARCH");
        }
        requireWholeView(dir, file, database);
        RunningK3s server = RunningK3s.probe(file);
        return new Datastore(dir, file, stateOf(server, wal, shm, journal), server, database, wal, shm, journal);
    }

    /** @throws BackupException if there is no data directory */
    public static void requireDirectory(DataDir dir, String remedy) throws BackupException {
        Optional<FileStat> root = FileStat.of(dir.root());
        if (root.filter(FileStat::isDirectory).isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "k3s data directory " + dir.root(),
                    root.isEmpty() ? "does not exist" : "is not a directory",
                    remedy);
        }
    }

    /** @throws BackupException if k3s would start from embedded etcd and ignore {@code state.db} */
    public static void refuseEtcd(DataDir dir) throws BackupException {
        if (FileStat.of(dir.etcdWal()).filter(FileStat::isDirectory).isPresent()) {
            throw refusal(
                    dir,
                    "is not what k3s uses: embedded etcd is initialised (" + dir.etcdWal() + ")",
                    "back this server up with k3s etcd-snapshot; if etcd is a leftover, move server/db/etcd away");
        }
    }

    private static boolean isMigrated(DataDir dir) {
        return Files.exists(dir.migrated());
    }

    private static BackupException absent(DataDir dir, DatabaseFile file) {
        if (isMigrated(dir)) {
            return refusal(
                    dir,
                    "was moved to etcd: only state.db.migrated is left",
                    "back this server up with k3s etcd-snapshot");
        }
        if (file.isLinked()) {
            return refusal(
                    dir,
                    "is a symbolic link to " + file.file() + ", which does not exist",
                    "mount the file system that holds the database, or restore a backup");
        }
        return refusal(
                dir,
                "does not exist, and neither does embedded etcd: k3s uses an external datastore here, or this is an agent,"
                        + " or another directory is its data directory",
                "set dataDir to what k3s server --data-dir says; an external datastore is backed up with its own source");
    }

    private static void requireRegular(DataDir dir, Path path, Optional<FileStat> file) throws BackupException {
        if (file.isPresent() && !file.get().isRegular()) {
            throw new BackupException(
                    Kind.SOURCE,
                    "k3s datastore " + (path.equals(dir.database()) ? path : dir.database() + ": " + path),
                    "is " + file.get().type().words() + ", not a file",
                    "set dataDir to what k3s server --data-dir says");
        }
    }

    /** The log lies beside the name by which k3s opened the database: refuses what may have another such name. */
    private static void requireWholeView(DataDir dir, DatabaseFile file, FileStat database) throws BackupException {
        if (database.names() > 1) {
            throw refusal(
                    dir,
                    "has " + database.names()
                            + " names (hard links): its write-ahead log may lie beside another of them,"
                            + " and what is in it would be missing",
                    "find the others (find / -samefile " + file.file()
                            + ") and remove those that k3s does not use, or stop"
                            + " k3s and put a copy in place of the link");
        }
        try {
            if (MountTable.current().isMountPoint(file.file())) {
                throw refusal(
                        dir,
                        "is mounted alone: its write-ahead log lies beside the original and cannot be seen here, and what"
                                + " is in it would be missing",
                        "mount the directory server/db, or the whole data directory, instead of the file");
            }
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw refusal(dir, "cannot be looked at: " + IoErrorMessages.of(e), "check the file system");
        }
    }

    private static BackupException refusal(DataDir dir, String problem, String remedy) {
        return new BackupException(Kind.SOURCE, "k3s datastore " + dir.database(), problem, remedy);
    }

    private static State stateOf(
            RunningK3s server, Optional<FileStat> wal, Optional<FileStat> shm, Optional<FileStat> journal) {
        if (wal.isPresent() && shm.isPresent() && server != RunningK3s.STOPPED) {
            return State.LIVE;
        }
        boolean unfinished = Stream.of(wal, journal).flatMap(Optional::stream).anyMatch(file -> file.sizeBytes() > 0);
        return unfinished ? State.CRASHED : State.CLEAN;
    }

    /** How much there is to read. */
    public long sizeBytes() {
        return database.sizeBytes() + logBytes();
    }

    private long logBytes() {
        return wal.map(FileStat::sizeBytes).orElse(0L)
                + journal.map(FileStat::sizeBytes).orElse(0L);
    }

    /** How much room a copy may need: that of a crashed one is recovered in a first copy. */
    public long scratchBytes() {
        return state == State.CRASHED ? 2 * sizeBytes() : sizeBytes();
    }

    /** When k3s last wrote. */
    public Instant lastWritten() {
        Instant written = database.modified().toInstant();
        // An empty log is made by whoever opens the database.
        Instant logged = wal.filter(file -> file.sizeBytes() > 0)
                .map(file -> file.modified().toInstant())
                .orElse(written);
        return logged.isAfter(written) ? logged : written;
    }

    /**
     * Whether nothing has been written since. Only meaningful unless {@link State#LIVE}.
     *
     * @throws BackupException if k3s moved to another datastore meanwhile
     */
    public boolean isUnchanged() throws BackupException {
        return equals(detect(dir));
    }
}
