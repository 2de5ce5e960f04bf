package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.RunningK3s;
import cloud.lvs.backup.provider.k3s.files.Directories;
import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.provider.k3s.files.Renames;
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
final class InPlaceRestoreUndo {
    private static final String UNDONE = "undone";

    private final DataDir dir;
    private final RestoreRequest request;
    private final RestoreReportBuilder report = new RestoreReportBuilder();

    InPlaceRestoreUndo(DataDir dir, RestoreRequest request) {
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
        Set<RollbackEntry> aside = rollback.toMoveAside();
        Set<RollbackEntry> back = rollback.toBringBack();
        requireFeasible(rollback, aside, back);
        String verb = isPlan ? "Move " : "Moved ";
        for (RollbackEntry entry : aside) {
            report.step(verb + rollback.home(entry) + " to " + keptIn(rollback.place(entry)) + ".");
        }
        for (RollbackEntry entry : back) {
            report.step(verb + rollback.of(entry) + " to " + rollback.home(entry) + ".");
        }
        if (isPlan) {
            return report.build();
        }
        String kept =
                places(rollback).stream().map(place -> keptIn(place).toString()).collect(Collectors.joining(" and "));
        undo(rollback, aside, back);
        report.next("Start k3s (systemctl start k3s).");
        report.next("What the restore had placed is kept in " + kept + ".");
        return report.build();
    }

    private void requireFeasible(RollbackDirectory rollback, Set<RollbackEntry> aside, Set<RollbackEntry> back)
            throws IOException {
        RestorePreconditions feasibility = new RestorePreconditions(MountTable.current());
        Directories.requireWritable(dir.server());
        for (RollbackEntry entry : aside) {
            feasibility.requireMovable(entry, rollback.home(entry));
        }
        Set<RollbackEntry> concerned = EnumSet.noneOf(RollbackEntry.class);
        concerned.addAll(aside);
        concerned.addAll(back);
        for (RollbackEntry entry : concerned) {
            Path home = rollback.homeDirectory(entry);
            Directories.requireWritable(home);
            Directories.requireWritable(rollback.place(entry));
            feasibility.requireTogether(rollback.place(entry), home);
        }
    }

    private void undo(RollbackDirectory rollback, Set<RollbackEntry> aside, Set<RollbackEntry> back)
            throws IOException {
        Renames renames = new Renames();
        List<Path> made = new ArrayList<>();
        try {
            for (Path place : places(rollback)) {
                Directories.createPrivate(place.resolve(UNDONE));
                made.add(place.resolve(UNDONE));
            }
            for (RollbackEntry entry : aside) {
                renames.move(
                        rollback.home(entry),
                        rollback.place(entry).resolve(UNDONE).resolve(entry.fileName()));
            }
            for (RollbackEntry entry : back) {
                renames.move(rollback.of(entry), rollback.home(entry));
            }
            // The one with the record last: until then the undo can be done again.
            List<Path> places = new ArrayList<>(places(rollback));
            Collections.reverse(places);
            for (Path place : places) {
                renames.move(place, RollbackDirectory.undoneName(place));
                Renames.sync(RollbackDirectory.undoneName(place));
            }
            Renames.sync(rollback.homeDirectory(RollbackEntry.DATABASE));
            Renames.sync(dir.server());
        } catch (IOException e) {
            BackupException failure = renames.takeBackAfter(e, "k3s data directory " + dir.root());
            made.forEach(directory -> Directories.deleteQuietly(directory, failure));
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
