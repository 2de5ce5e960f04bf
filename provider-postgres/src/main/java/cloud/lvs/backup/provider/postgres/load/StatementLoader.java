package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.dump.DumpEntry;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.dump.SettingNames;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Loads the script of one database, in as many parts as it has, and goes on after a statement that fails. What fails is tried
 * again when more is there, and under the search path of the application, since functions with unqualified names find nothing
 * under the empty one of a script. CHECK constraints are taken away while rows are loaded; materialized views and event triggers
 * come last. One thread.
 */
public final class StatementLoader implements AutoCloseable {
    private enum Stage {
        DEFINITIONS,
        ROWS,
        AFTER_ROWS
    }

    /** Whether the script has begun one, as it does for large objects. */
    private enum Transaction {
        NONE,
        OPEN
    }

    private static final Pattern OF_ROWS = Pattern.compile(
            "COPY |INSERT INTO |SELECT (?:pg_catalog\\.)?(?:setval|lo_[a-z]+|lowrite)\\(|BEGIN;|COMMIT;");
    private static final Pattern OF_SESSION =
            Pattern.compile("SET (?!SESSION AUTHORIZATION)|SELECT pg_catalog\\.set_config\\('search_path'");
    private static final Pattern LAST =
            Pattern.compile("REFRESH MATERIALIZED VIEW |(?:CREATE|ALTER|COMMENT ON) EVENT TRIGGER ");
    private static final Pattern ENCODING = Pattern.compile("SET client_encoding = '([^']*)';");
    private static final Pattern EXTENSION = Pattern.compile("CREATE EXTENSION .*", Pattern.DOTALL);
    private static final Pattern FOREIGN_KEY = Pattern.compile(
            "(ALTER TABLE (?:ONLY )?.* ADD CONSTRAINT .* FOREIGN KEY .* REFERENCES ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"(])+)\\(.*);",
            Pattern.DOTALL);
    /** What a statement fails with after another one of its transaction. */
    private static final String IN_FAILED_TRANSACTION = "25P02";

    private final LoadedDatabase database;
    private final StatementFilter filter;
    private final RunContext run;
    private final LoadSession session;
    private final DetachedChecks checks;
    private final List<Failure> open = new ArrayList<>();
    private final List<Failure> last = new ArrayList<>();
    private final List<FailedStatement> failed = new ArrayList<>();
    private Stage stage = Stage.DEFINITIONS;
    private String encoding = "UTF8";
    private Optional<DumpEntry> entry = Optional.empty();
    private Transaction transaction = Transaction.NONE;
    private @Nullable RowsInput rows;

    /** A statement that has not taken effect yet, and the settings it was written for. */
    private record Failure(
            String object, String schema, SqlText sql, String tablespace, String accessMethod, SQLException why) {
        Failure again(SQLException next) {
            return new Failure(object, schema, sql, tablespace, accessMethod, next);
        }

        FailedStatement told() {
            return FailedStatement.refused(object, why, sql.text());
        }
    }

    /** @param filter which statements are not wanted */
    public StatementLoader(LoadedDatabase database, StatementFilter filter, RunContext run)
            throws BackupException, InterruptedException {
        this.database = database;
        this.filter = filter;
        this.run = run;
        this.session = new LoadSession(database, run);
        this.checks = new DetachedChecks(session);
    }

    /** Takes the next token of the script. */
    public void accept(Token token, ScriptReader script) throws IOException, InterruptedException {
        try {
            switch (token) {
                case COMMENT -> DumpEntry.of(script.text()).ifPresent(begun -> entry = Optional.of(begun));
                case STATEMENT -> statement(script);
                case ROWS -> {
                    if (rows != null) {
                        rows.write(script);
                    }
                }
                case ROWS_END -> endRows();
                case BLANK, META_COMMAND, END -> {}
            }
        } catch (SQLException e) {
            session.refuseIfLost(e);
            throw session.failed(e);
        }
    }

    private void statement(ScriptReader script) throws IOException, SQLException, InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        script.writeTo(bytes);
        SqlText sql = SqlText.of(bytes.toByteArray(), encoding);
        String text = sql.text();
        Matcher set = ENCODING.matcher(text);
        if (set.matches()) {
            encoding = set.group(1);
        } else if (OF_SESSION.matcher(text).lookingAt()) {
            setting(sql);
        } else if (filter.leavesOut(text)) {
            rows = null;
        } else if (OF_ROWS.matcher(text).lookingAt()) {
            beginRows();
            if (script.precedesRows()) {
                rows = new RowsInput(session, sql, encoding);
            } else {
                execute(sql);
            }
        } else {
            if (stage == Stage.ROWS) {
                stage = Stage.AFTER_ROWS;
                session.setScriptPath();
            }
            if (LAST.matcher(text).lookingAt()) {
                last.add(failure(sql, new SQLException("was not tried")));
            } else {
                execute(sql);
            }
        }
    }

    private void setting(SqlText sql) throws SQLException, IOException, InterruptedException {
        if (sql.text().startsWith("SELECT") || filter.leavesOut(sql.text())) {
            // The search path is ours to set.
            return;
        }
        try {
            session.set(sql.text());
        } catch (SQLException e) {
            failed.add(FailedStatement.refused(
                    "setting " + SettingNames.setBy(sql.text()).orElse("of the session"), e, sql.text()));
        }
    }

    private void execute(SqlText sql) throws IOException, InterruptedException {
        switch (sql.text()) {
            case "BEGIN;" -> transaction = Transaction.OPEN;
            case "COMMIT;" -> transaction = Transaction.NONE;
            default -> {}
        }
        try {
            session.execute(sql.executable());
        } catch (SQLException e) {
            if (IN_FAILED_TRANSACTION.equals(e.getSQLState())) {
                return;
            }
            if (transaction == Transaction.OPEN) {
                // All of its transaction is lost: alone, another try would succeed without the rest.
                failed.add(failure(sql, e).told().adding("; all of its transaction was taken back"));
            } else if (!madeUnderItsName(sql)) {
                open.add(failure(sql, e));
            }
        }
    }

    private boolean madeUnderItsName(SqlText sql) throws IOException, InterruptedException {
        if (!EXTENSION.matcher(sql.text()).matches()) {
            return false;
        }
        try {
            return session.executeUnderItsName(sql.executable());
        } catch (SQLException e) {
            return false;
        }
    }

    private Failure failure(SqlText sql, SQLException why) {
        String object = entry.map(DumpEntry::described).orElseGet(sql::beginning);
        return new Failure(
                object,
                entry.map(DumpEntry::schema).orElse(""),
                sql,
                session.settingOf("default_tablespace"),
                session.settingOf("default_table_access_method"),
                why);
    }

    // Rows

    private void beginRows() throws SQLException, BackupException, InterruptedException {
        if (stage == Stage.DEFINITIONS) {
            stage = Stage.ROWS;
            retry();
            checks.detach();
            session.setApplicationPath("");
        }
    }

    private void endRows() throws IOException, InterruptedException {
        RowsInput ended = rows;
        rows = null;
        if (ended != null) {
            Optional<SQLException> refusal = ended.end();
            if (refusal.isPresent()) {
                failed.add(failure(ended.sql(), refusal.get()).told());
            }
        }
    }

    // What failed

    /** Tries what failed again, as long as that helps. */
    private void retry() throws BackupException, InterruptedException, SQLException {
        boolean helped = true;
        while (helped && !open.isEmpty()) {
            helped = false;
            List<Failure> left = new ArrayList<>();
            for (Failure each : open) {
                try {
                    session.setApplicationPath(each.schema());
                    for (String setting : List.of(each.tablespace(), each.accessMethod())) {
                        if (!setting.isEmpty()) {
                            session.execute(setting);
                        }
                    }
                    session.execute(each.sql().executable());
                    helped = true;
                } catch (SQLException e) {
                    left.add(each.again(e));
                }
            }
            open.clear();
            open.addAll(left);
        }
        session.setScriptPath();
    }

    /**
     * Ends the load: puts back what was taken away and does what comes last.
     *
     * @return the statements that have not taken effect
     */
    public List<FailedStatement> finish() throws IOException, InterruptedException {
        try {
            retry();
            addForeignKeysUnvalidated();
            failed.addAll(checks.attach());
            session.setScriptPath();
            for (Failure each : last) {
                try {
                    session.execute(each.sql().executable());
                } catch (SQLException e) {
                    open.add(each.again(e));
                }
            }
            retry();
            open.forEach(each -> failed.add(each.told()));
            return List.copyOf(failed);
        } catch (SQLException e) {
            throw session.failed(e);
        }
    }

    private void addForeignKeysUnvalidated() throws BackupException, InterruptedException {
        for (Failure each : List.copyOf(open)) {
            Matcher key = FOREIGN_KEY.matcher(each.sql().text());
            if (!key.matches() || !"23503".equals(each.why().getSQLState())) {
                continue;
            }
            FailedStatement told = each.told();
            if (database.withoutRows().contains(LoadedDatabase.quoted(key.group(2)))) {
                told = new FailedStatement(
                        told.object(), told.reason(), told.sql(), FailedStatement.Cause.ROWS_LEFT_OUT);
            }
            try {
                session.execute(key.group(1) + " NOT VALID");
                failed.add(told.adding("; the rows are there, and the foreign key is NOT VALID"));
            } catch (SQLException e) {
                failed.add(told.adding("; the rows are there, the foreign key is not"));
            }
            open.remove(each);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
