package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.server.ServerInfo;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for what would make a capture fail or lack something, database by database. What concerns one database is a warning:
 * the others are still captured.
 */
public final class SourcePreflight {
    /** A row if nothing arrives at a standby, neither streamed nor from an archive: what it holds gets old unseen. */
    private static final String FOLLOWS_NOBODY = """
            SELECT coalesce('of ' || to_char(pg_catalog.pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC',
                                             'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                            'from before it was started')
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver)
               AND current_setting('restore_command', true) = ''
            """;

    private final PostgresConfig config;
    private final Server server;
    private final Programs programs;
    private final RunContext run;
    private final List<Finding> findings = new ArrayList<>();

    public SourcePreflight(PostgresConfig config, Server server, Programs programs, RunContext run) {
        this.config = config;
        this.server = server;
        this.programs = programs;
        this.run = run;
    }

    /** @throws BackupException if the server does not let us in at all */
    public List<Finding> findings() throws BackupException, InterruptedException {
        run.checkpoint();
        String target = server.endpoint().toString();
        try (Connection connection = server.connect(server.endpoint().maintenanceDatabase())) {
            ServerInfo info = ServerInfo.read(connection, server.endpoint());
            find(
                    Severity.INFO,
                    target,
                    "runs PostgreSQL " + info.version() + ", "
                            + info.encryption()
                                    .map(tls -> "reached over " + tls)
                                    .orElse("reached unencrypted"),
                    "");
            tools(info);
            role(connection, info);
            if (info.inRecovery()) {
                standby(connection, info);
            }
            DatabaseSelection selection = DatabaseSelection.of(config, DatabaseRow.all(connection));
            selection(selection);
            for (DatabaseRow database : selection.selected()) {
                run.checkpoint();
                database(database, info);
            }
        } catch (SQLException e) {
            throw server.broke(e);
        }
        return List.copyOf(findings);
    }

    private void tools(ServerInfo info) throws InterruptedException, BackupException {
        try {
            Installation found = programs.oldestFor(info.version(), run, Programs.PG_DUMP, Programs.PG_DUMPALL);
            find(Severity.INFO, "pg_dump", "is of version " + found.version() + ", in " + found.directory(), "");
            if (found.version().major() == info.version().major()
                    && found.version().compareTo(info.version()) > 0) {
                find(
                        Severity.INFO,
                        server.endpoint().toString(),
                        "is of an older minor version (" + info.version() + ") than pg_dump",
                        "restart it if it runs from the same packages");
            }
        } catch (BackupException e) {
            run.checkpoint();
            findings.add(Finding.error(e));
        }
    }

    private void role(Connection connection, ServerInfo info) throws SQLException {
        String role = Quoting.identifier(config.user());
        String target = "role " + config.user();
        boolean verifiers = info.role().superuser()
                || "t"
                        .equals(Server.column(
                                        connection,
                                        "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')")
                                .get(0));
        if (config.rolePasswords() && !verifiers) {
            find(
                    Severity.WARNING,
                    target,
                    "may not read the password verifiers of the roles, so that roles and tablespaces cannot be dumped",
                    "GRANT pg_read_all_data TO " + role + "; or set rolePasswords: false");
        }
        int sessions = 2 * config.processes() + 1;
        if (!info.role().superuser()
                && info.role().connectionLimit() >= 0
                && info.role().connectionLimit() < sessions) {
            find(
                    Severity.WARNING,
                    target,
                    "may have " + info.role().connectionLimit() + " sessions at once, but a run may need " + sessions,
                    "ALTER ROLE " + role + " CONNECTION LIMIT " + sessions + "; or lower parallelism");
        }
    }

    private void standby(Connection connection, ServerInfo info) throws SQLException {
        boolean cancels = !info.standby().maxStreamingDelay().equals("-1")
                && info.standby().feedback().equals("off");
        find(
                cancels ? Severity.WARNING : Severity.INFO,
                server.endpoint().toString(),
                "is a standby (hot_standby_feedback " + info.standby().feedback() + ", max_standby_streaming_delay "
                        + info.standby().maxStreamingDelay() + "): unlogged tables have no rows there"
                        + (cancels ? ", and a dump that takes longer than that delay may be cancelled" : ""),
                cancels ? "set hot_standby_feedback = on, or max_standby_streaming_delay = -1, on it" : "");
        for (String latest : Server.column(connection, FOLLOWS_NOBODY)) {
            find(
                    Severity.WARNING,
                    server.endpoint().toString(),
                    "is a standby that follows nobody: its latest transaction is " + latest
                            + ", and a backup of it is no newer",
                    "see its log and primary_conninfo, or back up the primary");
        }
    }

    private void selection(DatabaseSelection selection) {
        for (String glob : selection.idleIncludes()) {
            findings.add(new Finding(
                    Severity.ERROR,
                    "include " + glob,
                    "matches no database",
                    "correct it, or remove it if the database is gone",
                    Kind.CONFIG));
        }
        for (String glob : selection.idleExcludes()) {
            find(Severity.WARNING, "exclude " + glob, "matches no database", "correct or remove it");
        }
        for (DatabaseSelection.Skipped other : selection.others()) {
            if (other.state() == Item.State.UNREACHABLE) {
                find(Severity.WARNING, other.database().described(), other.reason(), "");
            }
        }
        long bytes = selection.selected().stream()
                .mapToLong(database -> database.sizeBytes() == null ? 0 : database.sizeBytes())
                .sum();
        find(
                Severity.INFO,
                server.endpoint().toString(),
                "has " + selection.selected().size() + " databases to back up, " + bytes + " bytes on disk",
                "");
    }

    private void database(DatabaseRow database, ServerInfo info) throws BackupException, InterruptedException {
        try (Connection connection = server.connect(database.name())) {
            for (MissingPrivilege missing : MissingPrivilege.in(connection, info, config)) {
                find(Severity.WARNING, database.described(), missing.problem(), missing.remedy());
            }
        } catch (SQLException e) {
            find(
                    Severity.WARNING,
                    database.described(),
                    "does not answer as it should: " + Server.firstLine(e),
                    "see the server's log");
        } catch (BackupException e) {
            find(Severity.WARNING, database.described(), e.problem(), e.remedy());
        }
    }

    private void find(Severity severity, String target, String problem, String remedy) {
        findings.add(new Finding(severity, target, problem, remedy));
    }
}
