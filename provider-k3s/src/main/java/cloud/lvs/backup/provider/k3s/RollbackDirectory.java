package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a restore in place keeps what it moved: {@code server/db-before-restore-<timestamp>}, mode 0700. Its file
 * {@code moved.properties} is written before anything moves and says what was to be moved and replaced, so that an undo also
 * works after a restore that was cut off.
 */
final class RollbackDirectory {
    static final String RECORD = "moved.properties";

    private static final String PREFIX = "db-before-restore-";
    private static final String UNDONE_PREFIX = "db-undone-restore-";
    private static final String FORMAT = "1";

    private final DataDir dir;
    private final Path path;
    private final Set<Piece> moved;
    private final Set<Piece> replaced;

    private RollbackDirectory(DataDir dir, Path path, Set<Piece> moved, Set<Piece> replaced) {
        this.dir = dir;
        this.path = path;
        this.moved = moved;
        this.replaced = replaced;
    }

    /** Where one made now would lie. */
    static Path nameFor(DataDir dir, Instant now) {
        Path name = dir.server().resolve(PREFIX + BackupId.format(now));
        for (int i = 2; Files.exists(name, LinkOption.NOFOLLOW_LINKS); i++) {
            name = dir.server().resolve(PREFIX + BackupId.format(now) + "-" + i);
        }
        return name;
    }

    /** Makes one with its record; nothing is moved yet. */
    static RollbackDirectory create(DataDir dir, Path path, BackupId backup, Set<Piece> moved, Set<Piece> replaced)
            throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(
                path.resolve(RECORD),
                "# What a restore in place moved here out of the k3s data directory, and what it, or k3s after it,"
                        + " put there instead. An undo reads this.\n"
                        + "format=" + FORMAT + "\n"
                        + "restored=" + backup + "\n"
                        + "moved=" + names(moved) + "\n"
                        + "replaced=" + names(replaced) + "\n");
        Renames.sync(path.resolve(RECORD));
        Renames.sync(path);
        return new RollbackDirectory(dir, path, moved, replaced);
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
            if (!FORMAT.equals(record.getProperty("format"))) {
                throw new IllegalArgumentException("format " + record.getProperty("format"));
            }
            return new RollbackDirectory(
                    dir, path, pieces(record.getProperty("moved", "")), pieces(record.getProperty("replaced", "")));
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    Kind.FAILED,
                    path.resolve(RECORD).toString(),
                    "cannot be understood: " + e.getMessage(),
                    "move the files in that directory back by hand",
                    e);
        }
    }

    private static Set<Piece> pieces(String names) {
        return Stream.of(names.split(","))
                .filter(name -> !name.isBlank())
                .map(Piece::named)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Piece.class)));
    }

    private static String names(Set<Piece> pieces) {
        return pieces.stream().map(Piece::fileName).collect(Collectors.joining(","));
    }

    Path path() {
        return path;
    }

    /** Where a piece lies here. */
    Path of(Piece piece) {
        return path.resolve(piece.fileName());
    }

    /** What the undo has to move aside: what the restore placed, and what k3s made since. */
    Set<Piece> toMoveAside() {
        Set<Piece> aside = EnumSet.noneOf(Piece.class);
        // A piece that was to be moved and is not here never was: the restore was cut off before.
        boolean databaseReplaced = !moved.contains(Piece.DATABASE) || Files.exists(of(Piece.DATABASE));
        for (Piece piece : Piece.values()) {
            boolean concerned = moved.contains(piece) ? Files.exists(of(piece)) : replaced.contains(piece);
            if (piece.isOfDatabase()) {
                concerned &= databaseReplaced;
            }
            if (concerned && Files.exists(piece.home(dir), LinkOption.NOFOLLOW_LINKS)) {
                aside.add(piece);
            }
        }
        return aside;
    }

    /** What the undo brings back. */
    Set<Piece> toBringBack() {
        return moved.stream()
                .filter(piece -> Files.exists(of(piece), LinkOption.NOFOLLOW_LINKS))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Piece.class)));
    }

    /** Where it goes when it is undone: a later undo looks for the restore before this one. */
    Path undoneName() {
        String name = String.valueOf(path.getFileName()).substring(PREFIX.length());
        return dir.server().resolve(UNDONE_PREFIX + name);
    }
}
