package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.dump.DumpGrammar.Treatment;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.spi.BackupException;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A script of {@code pg_dumpall}, token by token, with the database that {@code psql} would be connected to. The comment that
 * names a database is not needed: older versions do not write it. A statement or command that {@code pg_dumpall} does not write
 * is refused with its line. One thread.
 */
public final class ClusterScript {
    private static final Pattern HEADER = Pattern.compile("-- Database \".*\" dump", Pattern.DOTALL);
    private static final String TITLE = "-- PostgreSQL database dump";
    private static final Pattern COMMAND =
            Pattern.compile("\\\\(?:(?:un)?restrict [A-Za-z0-9]+|encoding [A-Za-z0-9_]+)");

    private final ScriptReader reader;
    private @Nullable String database;
    private Treatment treatment = Treatment.RUN;
    /** Whether the dump of a database has begun, so that the next title is that of another. */
    private boolean begun;

    private boolean started;
    private boolean amongGlobals = true;

    public ClusterScript(ScriptReader reader) {
        this.reader = reader;
    }

    /**
     * Goes on to the next token.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is nothing that {@code pg_dumpall} writes
     */
    public Token next() throws IOException {
        if (!started) {
            started = true;
            String first = reader.upcomingLine();
            if (!first.equals("--\n") && !first.isBlank()) {
                throw UnexpectedLine.refused(reader.target(), reader.line(), first);
            }
        }
        Token token = reader.next();
        treatment = Treatment.RUN;
        switch (token) {
            case COMMENT -> comment(reader.text().stripTrailing());
            case META_COMMAND -> command(reader.text().stripTrailing());
            case STATEMENT -> statement(reader.beginning());
            case BLANK, ROWS, ROWS_END, END -> {}
        }
        return token;
    }

    private void comment(String line) {
        if (HEADER.matcher(line).matches()) {
            database = null;
            begun = false;
            amongGlobals = false;
        } else if (line.equals(TITLE)) {
            database = begun ? null : database;
            begun = true;
            amongGlobals = false;
        }
    }

    private void command(String line) throws BackupException {
        Optional<String> name = DatabaseStatement.connectsTo(line);
        if (name.isPresent()) {
            if (database != null && !name.get().equals(database)) {
                begun = false;
            }
            database = name.get();
            amongGlobals = false;
        } else if (!COMMAND.matcher(line).matches()) {
            throw UnexpectedLine.refused(
                    reader.target(), reader.line(), "the command " + line.split("\\s", 2)[0] + " to psql");
        }
    }

    private void statement(String beginning) throws BackupException {
        if (database != null) {
            treatment = DumpGrammar.ofDatabase(beginning);
        } else {
            treatment = amongGlobals ? DumpGrammar.ofGlobals(beginning) : DumpGrammar.ofHead(beginning);
        }
        boolean fromFile = beginning.startsWith("COPY ") && !reader.precedesRows();
        if (treatment == Treatment.REFUSE || fromFile) {
            throw UnexpectedLine.refused(reader.target(), reader.line(), beginning);
        }
    }

    /** The token itself. */
    public ScriptReader reader() {
        return reader;
    }

    /** What to do with the token. */
    public Treatment treatment() {
        return treatment;
    }

    /** The database the token belongs to; empty while nothing is connected to. */
    public Optional<String> database() {
        return Optional.ofNullable(database);
    }
}
