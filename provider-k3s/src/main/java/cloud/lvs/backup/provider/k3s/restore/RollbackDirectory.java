package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.DatabaseFile;
import cloud.lvs.backup.provider.k3s.files.Directories;
import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.provider.k3s.files.Renames;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a restore in place keeps what it moved: {@code server/db-before-restore-<timestamp>}, mode 0700. Its file
 * {@code moved.properties} is written before anything moves and says what was to be moved and replaced, so that an undo also
 * works after a restore that was cut off.
 *
 * <p>Nothing can be renamed to another file system. A database on one of its own, by a mount or a link, is kept in a
 * directory of the same name beside it.
 */
public final class RollbackDirectory {
    static final String RECORD = "moved.properties";

    private static final String PREFIX = "db-before-restore-";
    private static final String UNDONE_PREFIX = "db-undone-restore-";
    private static final String FORMAT = "1";
    /** As 1, with a database that is linked, or kept beside itself: whoever does not know of that would undo nothing. */
    private static final String FORMAT_APART = "2";

    private final DataDir dir;
    private final DatabaseFile database;
    private final Path path;
    private final Path databasePath;
    private final Set<RollbackEntry> moved;
    private final Set<RollbackEntry> replaced;

    private RollbackDirectory(
            DataDir dir,
            DatabaseFile database,
            Path path,
            Path databasePath,
            Set<RollbackEntry> moved,
            Set<RollbackEntry> replaced) {
        this.dir = dir;
        this.database = database;
        this.path = path;
        this.databasePath = databasePath;
        this.moved = moved;
        this.replaced = replaced;
    }

    /** One that is not made yet. */
    public static RollbackDirectory plan(DataDir dir, MountTable mounts, Instant now) throws IOException {
        DatabaseFile database = dir.databaseFile();
        Path beside = database.directory();
        boolean apart = Files.isDirectory(beside) && !mounts.areTogether(beside, dir.server());
        for (int i = 1; ; i++) {
            String name = PREFIX + BackupId.format(now) + (i == 1 ? "" : "-" + i);
            Path path = dir.server().resolve(name);
            Path databasePath = apart ? database.file().resolveSibling(name) : path;
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(databasePath, LinkOption.NOFOLLOW_LINKS)) {
                return new RollbackDirectory(dir, database, path, databasePath, Set.of(), Set.of());
            }
        }
    }

    /** Makes it with its record; nothing is moved yet. */
    public RollbackDirectory make(BackupId backup, Set<RollbackEntry> moved, Set<RollbackEntry> replaced)
            throws IOException {
        boolean apart = !databasePath.equals(path);
        if (apart) {
            Directories.createPrivate(databasePath);
        }
        Directories.createPrivate(path);
        Files.writeString(
                path.resolve(RECORD),
                "# What a restore in place moved here out of the k3s data directory, and what it, or k3s after it,"
                        + " put there instead. An undo reads this.\n"
                        + "format=" + (apart || database.isLinked() ? FORMAT_APART : FORMAT) + "\n"
                        + "restored=" + backup + "\n"
                        + "moved=" + names(moved) + "\n"
                        + "replaced=" + names(replaced) + "\n"
                        + (database.isLinked() ? "database=" + escaped(database.file()) + "\n" : "")
                        + (apart ? "# The database lay on another file system and is kept beside itself.\n" : "")
                        + (apart ? "apart=true\n" : ""));
        Renames.sync(path.resolve(RECORD));
        Renames.sync(path);
        return new RollbackDirectory(dir, database, path, databasePath, moved, replaced);
    }

    private static String escaped(Path path) {
        return path.toString().replace("\\", "\\\\").replace("\n", "\\n");
    }

    /**
     * The one of the last restore that was not undone.
     *
     * @return empty if there is none
     */
    static Optional<RollbackDirectory> newest(DataDir dir) throws IOException {
        if (!Files.isDirectory(dir.server())) {
            return Optional.empty();
        }
        List<Path> found;
        try (Stream<Path> entries = Files.list(dir.server())) {
            found = entries.filter(entry -> String.valueOf(entry.getFileName()).startsWith(PREFIX))
                    .filter(entry -> Files.isRegularFile(entry.resolve(RECORD)))
                    .sorted()
                    .toList();
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(read(dir, found.get(found.size() - 1)));
    }

    private static RollbackDirectory read(DataDir dir, Path path) throws IOException {
        Properties record = new Properties();
        try (Reader in = Files.newBufferedReader(path.resolve(RECORD))) {
            record.load(in);
            String format = record.getProperty("format");
            if (!FORMAT.equals(format) && !FORMAT_APART.equals(format)) {
                throw new IllegalArgumentException("format " + format);
            }
            DatabaseFile database = dir.databaseFile();
            requireSameLink(database, record.getProperty("database"));
            boolean apart = record.containsKey("apart");
            return new RollbackDirectory(
                    dir,
                    database,
                    path,
                    apart ? database.file().resolveSibling(path.getFileName()) : path,
                    pieces(record.getProperty("moved", "")),
                    pieces(record.getProperty("replaced", "")));
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    Kind.FAILED,
                    path.resolve(RECORD).toString(),
                    "cannot be understood: " + e.getMessage(),
                    "move the files in that directory back by hand",
                    e);
        }
    }

    private static void requireSameLink(DatabaseFile now, @Nullable String then) throws BackupException {
        if (then != null && !now.file().toString().equals(then)) {
            throw new BackupException(
                    Kind.CONFIG,
                    "k3s datastore " + now.name(),
                    "was a symbolic link to " + then + " when it was restored, and is "
                            + (now.isLinked() ? "one to " + now.file() + " now" : "none any more"),
                    "move it away, make it that link again, and undo again; nothing was touched");
        }
    }

    private static Set<RollbackEntry> pieces(String names) {
        return Stream.of(names.split(","))
                .filter(name -> !name.isBlank())
                .map(RollbackEntry::named)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(RollbackEntry.class)));
    }

    private static String names(Set<RollbackEntry> pieces) {
        return pieces.stream().map(RollbackEntry::fileName).collect(Collectors.joining(","));
    }

    Path path() {
        return path;
    }

    /** The directories it consists of: one, or two if the database is kept apart. */
    Set<Path> places() {
        return Stream.of(path, databasePath).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Which of them keeps a piece. */
    Path place(RollbackEntry piece) {
        return piece.isOfDatabase() ? databasePath : path;
    }

    /** Where a piece lies here. */
    public Path of(RollbackEntry piece) {
        return place(piece).resolve(piece.fileName());
    }

    /** Where a piece lies that k3s uses. */
    Path home(RollbackEntry piece) {
        return piece.home(dir, database);
    }

    /** The directory that is in. */
    Path homeDirectory(RollbackEntry piece) {
        return piece.isOfDatabase() ? database.directory() : dir.server();
    }

    /** What the undo has to move aside: what the restore placed, and what k3s made since. */
    Set<RollbackEntry> toMoveAside() {
        Set<RollbackEntry> aside = EnumSet.noneOf(RollbackEntry.class);
        // A piece that was to be moved and is not here never was: the restore was cut off before.
        boolean databaseReplaced = !moved.contains(RollbackEntry.DATABASE) || exists(of(RollbackEntry.DATABASE));
        for (RollbackEntry piece : RollbackEntry.values()) {
            boolean concerned = moved.contains(piece) ? exists(of(piece)) : replaced.contains(piece);
            if (piece.isOfDatabase()) {
                concerned &= databaseReplaced;
            }
            if (concerned && exists(home(piece))) {
                aside.add(piece);
            }
        }
        return aside;
    }

    /** What the undo brings back. */
    Set<RollbackEntry> toBringBack() {
        return moved.stream()
                .filter(piece -> exists(of(piece)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(RollbackEntry.class)));
    }

    /** Also a link that leads nowhere from here. */
    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Where one of its directories goes when it is undone: a later undo looks for the restore before this one. */
    static Path undoneName(Path place) {
        String name = String.valueOf(place.getFileName()).substring(PREFIX.length());
        return place.resolveSibling(UNDONE_PREFIX + name);
    }
}
