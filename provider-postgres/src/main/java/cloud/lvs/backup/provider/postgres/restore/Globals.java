package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.OnError;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Roles;
import cloud.lvs.backup.provider.postgres.dump.DatabaseStatement;
import cloud.lvs.backup.provider.postgres.dump.SettingNames;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roles, tablespaces and parameter grants of a cluster, as statements of {@code pg_dumpall}, and their way onto a server.
 * A role that exists there is not made again; that is the one harmless conflict, and it is seen beforehand, not by an error.
 */
final class Globals {
    private static final Logger LOG = LoggerFactory.getLogger(Globals.class);

    private static final String IDENTIFIER = "(\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";
    private static final Pattern CREATE_ROLE = Pattern.compile("CREATE ROLE " + IDENTIFIER + ";.*", Pattern.DOTALL);
    private static final Pattern ABOUT_ROLE = Pattern.compile(
            "(?:ALTER ROLE|COMMENT ON ROLE|SECURITY LABEL FOR \\S+ ON ROLE) " + IDENTIFIER + " .*", Pattern.DOTALL);
    private static final Pattern MEMBERSHIP = Pattern.compile(
            "GRANT " + IDENTIFIER + " TO " + IDENTIFIER + "(?: WITH .*| GRANTED BY .*)?;", Pattern.DOTALL);
    private static final Pattern GRANTED_BY = Pattern.compile(" GRANTED BY " + IDENTIFIER + ";$");
    private static final Pattern CREATE_TABLESPACE =
            Pattern.compile("CREATE TABLESPACE " + IDENTIFIER + " (.*)LOCATION E?'((?:[^']|'')*)';", Pattern.DOTALL);
    private static final Pattern ABOUT_TABLESPACE = Pattern.compile(
            "(?:ALTER|COMMENT ON) TABLESPACE " + IDENTIFIER + " .*|(?:GRANT|REVOKE) .* ON TABLESPACE " + IDENTIFIER
                    + " .*",
            Pattern.DOTALL);

    private final List<String> statements;
    private final Set<String> madeRoles = new LinkedHashSet<>();
    private final Set<String> madeTablespaces = new LinkedHashSet<>();
    private final Set<String> kept = new TreeSet<>();
    private final List<String> notSet = new ArrayList<>();

    Globals(List<String> statements) {
        this.statements = List.copyOf(statements);
    }

    /** Where tablespaces go. */
    enum TablespaceLocation {
        /** Where they were. */
        ORIGINAL,
        /** Inside the data directory: for a server that goes away again. */
        IN_PLACE
    }

    /** A tablespace and its directory. */
    record Tablespace(String name, String location) {}

    /** The roles that are made. */
    Set<String> roles() {
        Set<String> roles = new TreeSet<>();
        for (String statement : statements) {
            Matcher matcher = CREATE_ROLE.matcher(statement);
            if (matcher.matches()) {
                roles.add(DatabaseStatement.unquoted(matcher.group(1)));
            }
        }
        return roles;
    }

    /** The tablespaces that are made. */
    List<Tablespace> tablespaces() {
        List<Tablespace> tablespaces = new ArrayList<>();
        for (String statement : statements) {
            Matcher matcher = CREATE_TABLESPACE.matcher(statement);
            if (matcher.matches()) {
                tablespaces.add(new Tablespace(
                        DatabaseStatement.unquoted(matcher.group(1)),
                        matcher.group(3).replace("''", "'").replace("\\\\", "\\")));
            }
        }
        return tablespaces;
    }

    /**
     * Makes what is not there. Roles in one transaction; on a failure nothing is left.
     *
     * @param unknownSettings that the server does not know, and that roles do not get
     * @param onError what to do when a statement fails
     * @return the statements that failed and were passed over
     * @throws BackupException of kind {@code FAILED} if a statement fails and is not passed over
     */
    List<FailedStatement> apply(
            TargetServer target,
            Roles existing,
            OnError onError,
            TablespaceLocation location,
            Set<String> unknownSettings)
            throws BackupException {
        Attempts attempts = new Attempts(target, onError);
        try {
            Set<String> before = target.roles();
            Set<String> tablespacesBefore = target.tablespaces();
            target.connection().setAutoCommit(false);
            try {
                for (String statement : statements) {
                    Optional<String> setting = SettingNames.setBy(statement);
                    if (setting.isPresent() && unknownSettings.contains(setting.get())) {
                        notSet.add(statement.substring(
                                0,
                                statement.indexOf(setting.get()) + setting.get().length()));
                    } else if (!isAboutTablespace(statement)) {
                        attempts.of(statement, () -> applyToRoles(target, statement, before, existing));
                    }
                }
                target.connection().commit();
            } catch (SQLException e) {
                target.connection().rollback();
                madeRoles.clear();
                throw e;
            } finally {
                target.connection().setAutoCommit(true);
            }
            // A tablespace cannot be made inside a transaction.
            for (String statement : statements) {
                if (isAboutTablespace(statement)) {
                    attempts.of(statement, () -> applyToTablespaces(target, statement, tablespacesBefore, location));
                }
            }
            return attempts.failed;
        } catch (SQLException e) {
            BackupException failed = TargetServer.failed(
                    "roles and tablespaces on " + target.server().endpoint(), e);
            throw attempts.at.isEmpty()
                    ? failed
                    : new BackupException(
                            Kind.FAILED,
                            failed.target(),
                            failed.problem() + ": " + FailedStatement.shown(attempts.at),
                            "to restore without that, add --set onError=continue; " + failed.remedy(),
                            e);
        }
    }

    /** Statements one by one, in or out of a transaction. */
    private static final class Attempts {
        private final TargetServer target;
        private final OnError onError;
        private final List<FailedStatement> failed = new ArrayList<>();
        /** The one that is at work. */
        private String at = "";

        private interface Work {
            void execute() throws SQLException;
        }

        Attempts(TargetServer target, OnError onError) {
            this.target = target;
            this.onError = onError;
        }

        void of(String statement, Work work) throws SQLException {
            at = statement;
            if (onError == OnError.STOP) {
                work.execute();
                return;
            }
            boolean inTransaction = !target.connection().getAutoCommit();
            Savepoint savepoint = inTransaction ? target.connection().setSavepoint() : null;
            try {
                work.execute();
                if (savepoint != null) {
                    target.connection().releaseSavepoint(savepoint);
                }
            } catch (SQLException e) {
                if (savepoint != null) {
                    target.connection().rollback(savepoint);
                }
                failed.add(FailedStatement.refused("roles and tablespaces", e, statement));
            }
        }
    }

    private static boolean isAboutTablespace(String statement) {
        return CREATE_TABLESPACE.matcher(statement).matches()
                || ABOUT_TABLESPACE.matcher(statement).matches();
    }

    private void applyToRoles(TargetServer target, String statement, Set<String> before, Roles existing)
            throws SQLException {
        Matcher create = CREATE_ROLE.matcher(statement);
        if (create.matches()) {
            String role = DatabaseStatement.unquoted(create.group(1));
            if (before.contains(role)) {
                kept.add(role);
            } else {
                target.execute(statement);
                madeRoles.add(role);
            }
            return;
        }
        Matcher about = ABOUT_ROLE.matcher(statement);
        if (about.matches() && isLeftAlone(target, about.group(1), before, existing)) {
            return;
        }
        Matcher membership = MEMBERSHIP.matcher(statement);
        if (membership.matches()) {
            if (isLeftAlone(target, membership.group(1), before, existing)
                    && isLeftAlone(target, membership.group(2), before, existing)) {
                return;
            }
            grant(target, statement);
            return;
        }
        target.execute(statement);
    }

    private static boolean isLeftAlone(TargetServer target, String identifier, Set<String> before, Roles existing) {
        String role = DatabaseStatement.unquoted(identifier);
        boolean ourselves = role.equals(target.server().endpoint().user());
        return ourselves || (before.contains(role) && existing == Roles.KEEP);
    }

    /** Who granted a membership may be nobody here, or may not have been allowed to by the rules of a later version. */
    private static void grant(TargetServer target, String statement) throws SQLException {
        Savepoint savepoint = target.connection().setSavepoint();
        try {
            target.execute(statement);
        } catch (SQLException e) {
            target.connection().rollback(savepoint);
            Matcher grantor = GRANTED_BY.matcher(statement);
            if (!grantor.find()) {
                throw e;
            }
            target.execute(grantor.replaceFirst(";"));
        }
    }

    private void applyToTablespaces(
            TargetServer target, String statement, Set<String> before, TablespaceLocation location)
            throws SQLException {
        Matcher create = CREATE_TABLESPACE.matcher(statement);
        if (create.matches()) {
            String name = DatabaseStatement.unquoted(create.group(1));
            if (before.contains(name)) {
                return;
            }
            if (location == TablespaceLocation.IN_PLACE) {
                target.execute("SET allow_in_place_tablespaces = on");
                target.execute("CREATE TABLESPACE " + create.group(1) + " " + create.group(2) + "LOCATION ''");
            } else {
                target.execute(statement);
            }
            madeTablespaces.add(name);
            return;
        }
        Matcher about = ABOUT_TABLESPACE.matcher(statement);
        if (about.matches()) {
            String name = Optional.ofNullable(about.group(1)).orElse(about.group(2));
            if (before.contains(DatabaseStatement.unquoted(name))) {
                return;
            }
        }
        target.execute(statement);
    }

    /** The roles that existed and were left as they are. */
    Set<String> kept() {
        return kept;
    }

    /** The statements, without their values, whose setting the server does not know. */
    List<String> notSet() {
        return notSet;
    }

    /** The settings that are set. */
    Set<String> settings() {
        Set<String> settings = new TreeSet<>();
        statements.forEach(statement -> SettingNames.setBy(statement).ifPresent(settings::add));
        return settings;
    }

    Set<String> made() {
        return madeRoles;
    }

    /** Removes what {@link #apply} made; what cannot be removed is told to the log. */
    void takeBack(TargetServer target) {
        for (String tablespace : madeTablespaces) {
            attempt(target, "DROP TABLESPACE " + Quoting.identifier(tablespace));
        }
        for (String role : madeRoles) {
            // What it was granted on parameters would keep it.
            attempt(target, "DROP OWNED BY " + Quoting.identifier(role));
            attempt(target, "DROP ROLE " + Quoting.identifier(role));
        }
        madeTablespaces.clear();
        madeRoles.clear();
    }

    private static void attempt(TargetServer target, String statement) {
        try {
            target.execute(statement);
        } catch (SQLException e) {
            LOG.warn("'{}' on {} failed: {}", statement, target.server().endpoint(), e.getMessage());
        }
    }
}
