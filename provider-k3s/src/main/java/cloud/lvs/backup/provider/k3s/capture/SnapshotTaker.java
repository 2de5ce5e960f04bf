package cloud.lvs.backup.provider.k3s.capture;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sConfig.Method;
import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.capture.DatastoreSnapshot.Pinned;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.DatabaseFile;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.datastore.RunningK3s;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.core.DB;

/**
 * Copies a datastore into a file of its own, at one instant.
 *
 * <p>A read transaction pins that instant: without it every commit of k3s would begin SQLite's page copy anew. As kine's
 * checkpoints wait for the transaction and k3s cannot write meanwhile, it ends before anything else is done with the copy.
 *
 * <p>SQLite's page copy cannot be interrupted from Java, so the database is read on a thread of its own. Whoever is asked
 * to stop leaves at once; the thread ends with its copy, which nobody can see any more, and closes the database.
 */
public final class SnapshotTaker {
    private static final Duration WARN_ABOVE = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int ATTEMPTS = 3;
    private static final int BUSY_PAUSE_MILLIS = 100;
    private static final int BUSY_RETRIES = 100;

    private final K3sConfig config;
    private final DataDir dir;
    private final RunContext run;
    private final String target;

    private volatile @Nullable Statement interruptible;
    private volatile boolean abandoned;

    public SnapshotTaker(K3sConfig config, RunContext run) {
        this.config = config;
        this.dir = new DataDir(config.dataDir());
        this.run = run;
        this.target = "k3s datastore " + dir.database();
    }

    /**
     * Takes a copy.
     *
     * @param scratch a private directory; whatever lies in it afterwards is the caller's to delete
     * @throws BackupException of kind {@code EMPTY} if the table has no rows
     */
    public DatastoreSnapshot take(Path scratch) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Datastore found = Datastore.detect(dir);
            DiskSpace.require(scratch, found.scratchBytes(), "the copy of " + dir.database());
            Path place = Files.createDirectory(scratch.resolve("snapshot-" + attempt));
            try {
                DatastoreSnapshot snapshot = inOwnThread(found, place);
                warnIfSlow(snapshot);
                return snapshot;
            } catch (StateChangedException e) {
                if (attempt == ATTEMPTS) {
                    throw new BackupException(
                            Kind.SOURCE,
                            target,
                            "was started or stopped while it was read, " + ATTEMPTS + " times in a row",
                            "run again when k3s has settled",
                            e);
                }
                ScratchDirectory.deleteTree(place);
                run.checkpoint();
            }
        }
    }

    private void warnIfSlow(DatastoreSnapshot snapshot) {
        if (snapshot.state() == Datastore.State.LIVE && snapshot.held().compareTo(WARN_ABOVE) > 0) {
            run.warn(
                    "The live datastore was held open for " + snapshot.held().toSeconds() + " s: k3s cannot write while"
                            + " one of its checkpoints waits for that. Put the scratch directory on a faster disk, or set"
                            + " method: vacuum.");
        }
    }

    private DatastoreSnapshot inOwnThread(Datastore found, Path place) throws IOException, InterruptedException {
        FutureTask<DatastoreSnapshot> task = new FutureTask<>(() -> {
            try {
                return copy(found, place);
            } finally {
                if (abandoned) {
                    ScratchDirectory.deleteTree(place);
                }
            }
        });
        Thread reader = new Thread(task, "k3s-snapshot");
        reader.setDaemon(true);
        long began = System.nanoTime();
        reader.start();
        boolean finished = false;
        try {
            DatastoreSnapshot snapshot = await(task, began);
            finished = true;
            return snapshot;
        } catch (ExecutionException e) {
            finished = true;
            throw reported(e.getCause());
        } finally {
            if (!finished) {
                abandon(task);
            }
        }
    }

    private DatastoreSnapshot await(FutureTask<DatastoreSnapshot> task, long began)
            throws BackupException, InterruptedException, ExecutionException {
        while (true) {
            try {
                return task.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                run.checkpoint();
                if (System.nanoTime() - began > config.maxSnapshot().toNanos()) {
                    throw new BackupException(
                            Kind.FAILED,
                            target,
                            "was not copied within maxSnapshot ("
                                    + config.maxSnapshot().toSeconds() + " s)",
                            "put the scratch directory on a faster disk, set method: vacuum, or raise maxSnapshot and run"
                                    + " in a quiet hour",
                            e);
                }
            }
        }
    }

    private void abandon(FutureTask<DatastoreSnapshot> task) {
        abandoned = true;
        Statement statement = interruptible;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                // It has just ended by itself.
            }
        }
        // A short farewell, so that in most cases nothing runs on behind the caller's back.
        boolean interrupted = Thread.interrupted();
        try {
            task.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Why it failed no longer matters.
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException reported(@Nullable Throwable cause) {
        if (cause instanceof IOException io) {
            return io;
        }
        if (cause instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IOException(cause);
    }

    private DatastoreSnapshot copy(Datastore found, Path place) throws IOException {
        Path copy = place.resolve("state.db");
        long began = System.nanoTime();
        try (Connection source = open(found, place)) {
            Sqlite.execute(source, "BEGIN");
            Pinned pinned = pin(source);
            Method method = config.method() == Method.AUTO
                    ? pinned.isSparse() ? Method.VACUUM : Method.SNAPSHOT_COPY
                    : config.method();
            Steps steps = new Steps(pinned);
            if (method == Method.VACUUM) {
                Sqlite.execute(source, "COMMIT");
                vacuum(source, copy);
            } else {
                copyPages(source, copy, steps);
                Sqlite.execute(source, "COMMIT");
            }
            source.close();
            Duration held = Duration.ofNanos(System.nanoTime() - began);
            if (found.state() != Datastore.State.LIVE && !found.isUnchanged()) {
                throw new StateChangedException("the files changed while they were copied", null);
            }
            return new DatastoreSnapshot(
                    copy, found.state(), found.lastWritten(), pinned, method, steps.count, steps.restarts, held);
        } catch (SQLException e) {
            throw failure(e, found, place);
        } catch (BackupException | StateChangedException e) {
            throw e;
        } catch (IOException e) {
            if (DiskSpace.isExhausted(e)) {
                throw full(found, place, e);
            }
            throw new BackupException(
                    Kind.FAILED,
                    target,
                    "cannot be copied: " + IoErrorMessages.of(e),
                    "check that the scratch directory can be written",
                    e);
        }
    }

    private Connection open(Datastore found, Path place) throws IOException, SQLException {
        return switch (found.state()) {
            case LIVE -> Sqlite.readOnly(found.file().file());
            case CLEAN -> Sqlite.immutable(found.file().file());
            case CRASHED -> Sqlite.readWrite(recoverable(found.file(), place));
        };
    }

    /** The files of a crashed server, copied to where SQLite may replay the log. */
    private Path recoverable(DatabaseFile database, Path place) throws IOException {
        if (RunningK3s.probe(database) == RunningK3s.RUNNING) {
            throw new StateChangedException("k3s has started", null);
        }
        DatabaseFile recovered =
                DatabaseFile.at(Files.createDirectory(place.resolve("crashed")).resolve("state.db"));
        try {
            Files.copy(database.file(), recovered.file());
            if (Files.exists(database.wal())) {
                Files.copy(database.wal(), recovered.wal());
            }
            if (Files.exists(database.journal())) {
                Files.copy(database.journal(), recovered.journal());
            }
        } catch (NoSuchFileException e) {
            throw new StateChangedException("k3s has tidied up its log", e);
        }
        return recovered.file();
    }

    private Pinned pin(Connection source) throws SQLException, BackupException {
        // The first read of the transaction fixes what all later ones see.
        if (Sqlite.numberOf(source, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'kine'")
                        .orElse(0L)
                == 0) {
            throw new BackupException(
                    Kind.SOURCE,
                    target,
                    "is an SQLite database without a table kine: it is not a k3s datastore",
                    "set dataDir to what k3s server --data-dir says");
        }
        long maxId = Sqlite.numberOf(source, "SELECT max(id) FROM kine")
                .orElseThrow(() -> new BackupException(
                        Kind.EMPTY,
                        target,
                        "has no rows: k3s has never finished starting on it",
                        "check the k3s log; run again when the cluster is up"));
        return new Pinned(
                maxId,
                Sqlite.numberOf(source, "PRAGMA page_count").orElse(0L),
                Sqlite.numberOf(source, "PRAGMA freelist_count").orElse(0L),
                Sqlite.numberOf(source, "PRAGMA page_size").orElse(4096L));
    }

    private void copyPages(Connection source, Path copy, Steps steps) throws SQLException, BackupException {
        DB database = source.unwrap(SQLiteConnection.class).getDatabase();
        int code =
                database.backup("main", copy.toString(), steps, BUSY_PAUSE_MILLIS, BUSY_RETRIES, config.pagesPerStep());
        if (code != SQLiteErrorCode.SQLITE_OK.code) {
            throw new SQLException("the copy ended with code " + code, "", code);
        }
    }

    private void vacuum(Connection source, Path copy) throws SQLException {
        try (PreparedStatement statement = source.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, copy.toString());
            interruptible = statement;
            if (!abandoned) {
                statement.execute();
            }
        } finally {
            interruptible = null;
        }
    }

    private IOException failure(SQLException failure, Datastore found, Path place) {
        int code = Sqlite.code(failure);
        if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return new BackupException(
                    Kind.SOURCE,
                    target,
                    "is not an SQLite database",
                    "check the disk and the k3s log; set dataDir to what k3s server --data-dir says",
                    failure);
        }
        if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
            return new BackupException(
                    Kind.SOURCE,
                    target,
                    "is damaged: " + failure.getMessage(),
                    "check the disk; keep this server's files and restore the newest good backup",
                    failure);
        }
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            return full(found, place, failure);
        }
        boolean tidiedUp = code == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || code == SQLiteErrorCode.SQLITE_PROTOCOL.code
                || code == SQLiteErrorCode.SQLITE_READONLY.code;
        if (tidiedUp && hasChanged(found)) {
            return new StateChangedException("k3s has started or stopped", failure);
        }
        return new BackupException(
                Kind.SOURCE,
                target,
                "cannot be read: " + failure.getMessage(),
                "check that dataDir and the scratch directory are mounted, readable and not full",
                failure);
    }

    private BackupException full(Datastore found, Path place, Exception cause) {
        return DiskSpace.exhausted(
                place.resolve("../..").normalize(), found.scratchBytes(), "the copy of " + dir.database(), cause);
    }

    private boolean hasChanged(Datastore found) {
        try {
            return Datastore.detect(dir).state() != found.state();
        } catch (BackupException e) {
            return true;
        }
    }

    /** k3s started or stopped in the middle: what was found out about its files no longer holds. */
    private static final class StateChangedException extends IOException {
        private static final long serialVersionUID = 1L;

        StateChangedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Counts the pieces of a page copy and tells how far it is. */
    private final class Steps implements DB.ProgressObserver {
        private final Pinned pinned;
        private int count;
        private int restarts;
        private int leastRemaining = Integer.MAX_VALUE;

        Steps(Pinned pinned) {
            this.pinned = pinned;
        }

        // An exception out of here would not stop the copy, only hide how it ended.
        @Override
        public void progress(int remaining, int pageCount) {
            count++;
            if (remaining > leastRemaining) {
                restarts++;
            }
            leastRemaining = remaining;
            if (!abandoned) {
                run.progress(
                        BackupLayout.ITEM, (pageCount - remaining) * pinned.pageSize(), pageCount * pinned.pageSize());
            }
        }
    }
}
