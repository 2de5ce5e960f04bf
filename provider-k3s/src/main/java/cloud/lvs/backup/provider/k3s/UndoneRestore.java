package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Takes the last restore in place back: what it moved away returns, what it placed is kept beside. */
final class UndoneRestore {
    private final DataDir dir;
    private final RestoreRequest request;
    private final RestoreNotes notes = new RestoreNotes();

    UndoneRestore(DataDir dir, RestoreRequest request) {
        this.dir = dir;
        this.request = request;
    }

    /** Takes the last restore back, or plans to. */
    RestoreReport execute() throws IOException {
        RollbackDirectory rollback = RollbackDirectory.newest(dir)
                .orElseThrow(() -> new BackupException(
                        Kind.CONFIG,
                        "k3s data directory " + dir.root(),
                        "holds no restore that could be undone",
                        "check dataDir; the directories are named server/db-before-restore-<timestamp>"));
        DatastoreRestore.requireConsent(request, dir, "takes the last restore back");
        RunningK3s.requireStopped(dir);
        boolean isPlan = request.mode() == Mode.DRY_RUN;
        Set<Piece> aside = rollback.toMoveAside();
        Set<Piece> back = rollback.toBringBack();
        Path undone = rollback.path().resolve("undone");
        aside.forEach(piece -> notes.step(
                (isPlan ? "Move " : "Moved ") + piece.home(dir) + " to " + rollback.undoneName() + "/undone."));
        back.forEach(piece ->
                notes.step((isPlan ? "Move " : "Moved ") + rollback.of(piece) + " to " + piece.home(dir) + "."));
        if (isPlan) {
            return notes.report();
        }
        Renames renames = new Renames();
        try {
            DatastoreRestore.makeDirectory(undone);
            for (Piece piece : aside) {
                renames.move(piece.home(dir), undone.resolve(piece.fileName()));
            }
            for (Piece piece : back) {
                renames.move(rollback.of(piece), piece.home(dir));
            }
            renames.move(rollback.path(), rollback.undoneName());
            Renames.sync(rollback.undoneName());
            Renames.sync(dir.db());
            Renames.sync(dir.server());
        } catch (IOException | RuntimeException e) {
            renames.takeBack(e);
            DatastoreRestore.deleteQuietly(undone, e);
            throw e;
        }
        notes.next("Start k3s (systemctl start k3s).");
        notes.next("What the restore had placed is kept in " + rollback.undoneName() + "/undone.");
        return notes.report();
    }
}
