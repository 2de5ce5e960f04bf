package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.spi.BackupException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/** The rows of one {@code COPY} on their way to the server, in the encoding of the script. */
final class RowsInput {
    private static final int BUFFER = 1 << 16;

    private final LoadSession session;
    private final SqlText sql;
    private @Nullable PGCopyOutputStream out;
    private @Nullable SQLException refusal;

    /** Begins; a refusal is told at the end. */
    RowsInput(LoadSession session, SqlText sql, String encoding) throws BackupException, InterruptedException {
        this.session = session;
        this.sql = sql;
        String copy = sql.text().replaceFirst(";\\s*$", "");
        try {
            this.out = new PGCopyOutputStream(
                    session.connection().unwrap(PGConnection.class),
                    encoding.equals("UTF8") ? copy : copy + " WITH (ENCODING '" + encoding + "')",
                    BUFFER);
        } catch (SQLException e) {
            refuse(e);
        }
    }

    SqlText sql() {
        return sql;
    }

    void write(ScriptReader script) throws BackupException, InterruptedException {
        PGCopyOutputStream to = out;
        if (to != null) {
            try {
                script.writeTo(to);
            } catch (IOException e) {
                refuse(e);
            }
        }
    }

    /** What the server refuses the rows with; empty if it has them all. */
    Optional<SQLException> end() throws BackupException, InterruptedException {
        PGCopyOutputStream to = out;
        if (to != null) {
            try {
                to.close();
            } catch (IOException e) {
                refuse(e);
            }
        }
        return Optional.ofNullable(refusal);
    }

    private void refuse(Exception e) throws BackupException, InterruptedException {
        out = null;
        refusal = e instanceof SQLException said
                ? said
                : e.getCause() instanceof SQLException cause ? cause : new SQLException(e);
        session.refuseIfLost(refusal);
    }
}
