package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.provider.postgres.ScriptReader.Piece;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A script of {@code pg_dumpall}, piece by piece, with the database each piece is about. One thread. */
final class ClusterScript {
    private static final Pattern HEADER = Pattern.compile("-- Database \"(.*)\" dump\\s*", Pattern.DOTALL);

    private final ScriptReader reader;
    private @Nullable String database;

    ClusterScript(ScriptReader reader) {
        this.reader = reader;
    }

    /** Goes on to the next piece. */
    Piece next() throws IOException {
        Piece piece = reader.next();
        if (piece == Piece.COMMENT) {
            Matcher header = HEADER.matcher(reader.text());
            if (header.matches()) {
                database = header.group(1);
            }
        }
        return piece;
    }

    /** The piece itself. */
    ScriptReader reader() {
        return reader;
    }

    /** The database the piece is about; empty while it is about roles and tablespaces. */
    Optional<String> database() {
        return Optional.ofNullable(database);
    }
}
