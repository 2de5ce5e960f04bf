package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The databases that a restore makes for the time being. Their names tell the attempt that made them, and its sessions bear
 * the same: an attempt without a session is dead, and what it left can go.
 */
final class ScratchDatabases {
    /** {@code lvs_restore_RUN_ATTEMPT_NUMBER}, and an empty database that was replaced. */
    private static final String OF_DEAD_ATTEMPTS = """
            SELECT d.datname FROM pg_catalog.pg_database d
             WHERE d.datname ~ '^lvs_restore_[a-z0-9]{4,32}_[0-9a-f]{8}_[0-9]+(_old)?$'
               AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
                                WHERE (a.datname = d.datname AND a.backend_type = 'client backend')
                                   OR a.application_name = ? || '/' || split_part(d.datname, '_', 3) || '/'
                                                             || split_part(d.datname, '_', 4))
             ORDER BY 1
            """;

    private ScratchDatabases() {}

    /** The name of one; number 0 is the one that renaming is done from. */
    static String name(Server server, int number) {
        return "lvs_restore_" + server.run() + "_" + server.attempt() + "_" + number;
    }

    /** Drops what dead restores left; to be called while a session of the caller is open. */
    static void removeThoseOfTheDead(TargetServer target, RunContext run) throws SQLException {
        List<String> dead = target.column(OF_DEAD_ATTEMPTS, Server.APPLICATION);
        Set<String> left = target.dropQuietly(dead);
        List<String> removed =
                dead.stream().filter(each -> !left.contains(each)).toList();
        if (!removed.isEmpty()) {
            run.warn("removed what a restore that was killed had left on "
                    + target.server().endpoint() + ": " + String.join(", ", removed));
        }
        warnOfThoseLeft(target.server(), left, run);
    }

    /** Removes what dead restores left, or says what it would remove. */
    static RestoreReport cleanUp(TargetServer target, Mode mode) throws SQLException {
        List<String> dead = target.column(OF_DEAD_ATTEMPTS, Server.APPLICATION);
        Set<String> left = mode == Mode.DRY_RUN ? Set.of() : target.dropQuietly(dead);
        String server = target.server().endpoint().toString();
        List<ItemResult> items = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        for (String database : dead) {
            if (left.contains(database)) {
                items.add(ItemResult.failed(
                        database,
                        new BackupException(
                                Kind.FAILED,
                                "database '" + database + "' on " + server,
                                "could not be removed (the log says why)",
                                "by hand: DROP DATABASE IF EXISTS " + Quoting.identifier(database) + ";")));
            } else {
                items.add(ItemResult.done(database, Map.of()));
                steps.add((mode == Mode.DRY_RUN ? "Would remove" : "Removed") + " database '" + database + "' from "
                        + server + ".");
            }
        }
        if (dead.isEmpty()) {
            steps.add("Nothing of a restore that died is on " + server + ".");
        }
        return new RestoreReport(items, steps, List.of(), List.of());
    }

    /** Says what is left where, and how it is removed. */
    static void warnOfThoseLeft(Server server, Collection<String> databases, RunContext run) {
        if (!databases.isEmpty()) {
            run.warn("databases are left on " + server.endpoint() + ": " + String.join(", ", databases) + "; "
                    + removal(databases));
        }
    }

    /** How they are removed by hand. */
    static String removal(Collection<String> databases) {
        return "the next restore to that server removes them, or restore --clean-up, or by hand: "
                + databases.stream()
                        .map(each -> "DROP DATABASE IF EXISTS " + Quoting.identifier(each) + ";")
                        .collect(Collectors.joining(" "));
    }
}
