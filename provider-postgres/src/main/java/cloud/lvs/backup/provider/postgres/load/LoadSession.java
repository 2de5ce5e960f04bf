package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.dump.SettingNames;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The session that loads a database, with the settings that the script has made. A statement that the server refuses is an
 * {@link SQLException}; a session that is lost, or a server that has no room, is the failure of the whole. One thread.
 */
final class LoadSession implements AutoCloseable {
    private static final String SCRIPT_PATH = "";

    private final LoadedDatabase database;
    private final RunContext run;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private Connection connection;
    private String path = SCRIPT_PATH;

    LoadSession(LoadedDatabase database, RunContext run) throws BackupException, InterruptedException {
        this.database = database;
        this.run = run;
        this.connection = database.connect(database.loadedAs());
        prepare();
    }

    private void prepare() throws BackupException, InterruptedException {
        try {
            execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SET client_min_messages = error;"
                    + " SET synchronous_commit = off");
            for (String setting : settings.values()) {
                execute(setting);
            }
            setPath(path);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    Connection connection() {
        return connection;
    }

    void execute(String sql) throws SQLException, BackupException, InterruptedException {
        run.checkpoint();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            refuseIfLost(e);
            throw e;
        }
    }

    /** Rows of text, with an empty text for null. */
    List<List<String>> rows(String sql) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** What is no refusal of one statement. */
    void refuseIfLost(SQLException e) throws BackupException, InterruptedException {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53") || state.startsWith("58030")) {
            run.checkpoint();
            throw failed(e);
        }
    }

    BackupException failed(SQLException e) {
        String said = Server.firstLine(e);
        return new BackupException(
                Kind.FAILED, "the restore of '" + database.item() + "'", said, ErrorMessages.remedy(said), e);
    }

    /** A setting of the script; kept for a session that takes the place of this one. */
    void set(String statement) throws SQLException, BackupException, InterruptedException {
        execute(statement);
        SettingNames.setBy(statement).ifPresent(name -> settings.put(name, statement));
    }

    /** What a setting of the script is set by; empty if by nothing. */
    String settingOf(String name) {
        return settings.getOrDefault(name, "");
    }

    /** Names nothing but what is in {@code pg_catalog} without its schema, as scripts want it. */
    void setScriptPath() throws SQLException, BackupException, InterruptedException {
        setPath(SCRIPT_PATH);
    }

    /** Names things as the sessions of the application do, and what is in other schemas, that of an object first, too. */
    void setApplicationPath(String schema) throws SQLException, BackupException, InterruptedException {
        StringBuilder all = new StringBuilder(database.searchPath());
        if (!schema.isEmpty() && !schema.equals("-")) {
            all.append(", ").append(Quoting.identifier(schema));
        }
        for (List<String> other : rows("SELECT pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_namespace"
                + " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname")) {
            all.append(", ").append(other.get(0));
        }
        setPath(all.toString());
    }

    private void setPath(String to) throws SQLException, BackupException, InterruptedException {
        execute(to.isEmpty() ? "SELECT pg_catalog.set_config('search_path', '', false)" : "SET search_path TO " + to);
        path = to;
    }

    /**
     * Runs a statement while the database has the name it is to get.
     *
     * @return false if it cannot have it now
     */
    boolean executeUnderItsName(String sql) throws SQLException, BackupException, InterruptedException {
        connection.close();
        boolean named = database.takeItsName();
        try {
            if (named) {
                connection = database.connect(database.name());
                prepare();
                execute(sql);
            }
        } finally {
            connection.close();
            if (named) {
                database.giveItsNameBack();
            }
            connection = database.connect(database.loadedAs());
            prepare();
        }
        return named;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It only ends.
        }
    }
}
