package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes the last restore in place back: what it moved away returns, what it placed is kept beside. */
final class UndoneRestore {
    private static final String UNDONE = "undone";

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
        requireFeasible(rollback, aside, back);
        String verb = isPlan ? "Move " : "Moved ";
        for (Piece piece : aside) {
            notes.step(verb + rollback.home(piece) + " to " + keptIn(rollback.place(piece)) + ".");
        }
        for (Piece piece : back) {
            notes.step(verb + rollback.of(piece) + " to " + rollback.home(piece) + ".");
        }
        if (isPlan) {
            return notes.report();
        }
        String kept =
                places(rollback).stream().map(place -> keptIn(place).toString()).collect(Collectors.joining(" and "));
        undo(rollback, aside, back);
        notes.next("Start k3s (systemctl start k3s).");
        notes.next("What the restore had placed is kept in " + kept + ".");
        return notes.report();
    }

    private void requireFeasible(RollbackDirectory rollback, Set<Piece> aside, Set<Piece> back) throws IOException {
        Feasibility feasibility = new Feasibility(Mounts.current());
        Feasibility.requireWritable(dir.server());
        for (Piece piece : aside) {
            feasibility.requireMovable(piece, rollback.home(piece));
        }
        Set<Piece> concerned = EnumSet.noneOf(Piece.class);
        concerned.addAll(aside);
        concerned.addAll(back);
        for (Piece piece : concerned) {
            Path home = rollback.homeDirectory(piece);
            Feasibility.requireWritable(home);
            Feasibility.requireWritable(rollback.place(piece));
            feasibility.requireTogether(rollback.place(piece), home);
        }
    }

    private void undo(RollbackDirectory rollback, Set<Piece> aside, Set<Piece> back) throws IOException {
        Renames renames = new Renames();
        List<Path> made = new ArrayList<>();
        try {
            for (Path place : places(rollback)) {
                DatastoreRestore.makeDirectory(place.resolve(UNDONE));
                made.add(place.resolve(UNDONE));
            }
            for (Piece piece : aside) {
                renames.move(
                        rollback.home(piece),
                        rollback.place(piece).resolve(UNDONE).resolve(piece.fileName()));
            }
            for (Piece piece : back) {
                renames.move(rollback.of(piece), rollback.home(piece));
            }
            // The one with the record last: until then the undo can be done again.
            List<Path> places = new ArrayList<>(places(rollback));
            Collections.reverse(places);
            for (Path place : places) {
                renames.move(place, RollbackDirectory.undoneName(place));
                Renames.sync(RollbackDirectory.undoneName(place));
            }
            Renames.sync(rollback.homeDirectory(Piece.DATABASE));
            Renames.sync(dir.server());
        } catch (IOException e) {
            BackupException failure = renames.takeBackAfter(e, "k3s data directory " + dir.root());
            made.forEach(directory -> DatastoreRestore.deleteQuietly(directory, failure));
            throw failure;
        } catch (RuntimeException e) {
            renames.takeBack(e);
            throw e;
        }
    }

    /** One that somebody deleted has nothing to give back. */
    private static Set<Path> places(RollbackDirectory rollback) {
        return rollback.places().stream()
                .filter(Files::isDirectory)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Path keptIn(Path place) {
        return RollbackDirectory.undoneName(place).resolve(UNDONE);
    }
}
