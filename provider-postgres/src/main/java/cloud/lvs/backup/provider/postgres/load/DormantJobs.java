package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what a restored database would do by itself from happening before somebody wants it: subscriptions stay disabled, and
 * the jobs of schedulers are made inactive.
 */
public final class DormantJobs {
    /** The jobs of a scheduler: a table with a key and a column that says whether each is active. */
    private record Scheduler(String name, String table, String key, String active) {}

    private static final List<Scheduler> SCHEDULERS = List.of(
            new Scheduler("pg_cron", "cron.job", "jobid", "active"),
            new Scheduler("pgAgent", "pgagent.pga_job", "jobid", "jobenabled"),
            new Scheduler("pg_timetable", "timetable.chain", "chain_id", "live"),
            new Scheduler("TimescaleDB", "_timescaledb_config.bgw_job", "id", "scheduled"));

    private DormantJobs() {}

    /**
     * Puts everything to sleep in the database that a session is in.
     *
     * @param name what the database will be called
     * @return what the operator does to wake it
     */
    public static List<String> putToSleep(Connection inside, String name) throws SQLException {
        List<String> nextSteps = new ArrayList<>();
        for (Scheduler scheduler : SCHEDULERS) {
            if (exists(inside, scheduler)) {
                List<String> jobs = Server.column(
                        inside,
                        "UPDATE " + scheduler.table() + " SET " + scheduler.active() + " = false WHERE "
                                + scheduler.active() + " RETURNING " + scheduler.key());
                if (!jobs.isEmpty()) {
                    nextSteps.add("JOBS OF " + scheduler.name() + " DO NOT RUN in database '" + name
                            + "': they were made inactive. To let them run, in that database: UPDATE "
                            + scheduler.table() + " SET " + scheduler.active() + " = true WHERE " + scheduler.key()
                            + " IN (" + String.join(", ", jobs) + ");");
                }
            }
        }
        for (String subscription : Server.column(
                inside,
                "SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid"
                        + " WHERE d.datname = pg_catalog.current_database()")) {
            String quoted = Quoting.identifier(subscription);
            try (Statement statement = inside.createStatement()) {
                statement.execute("ALTER SUBSCRIPTION " + quoted + " DISABLE");
            }
            nextSteps.add("THE SUBSCRIPTION " + quoted + " of database '" + name + "' IS DISABLED, and its slot on the"
                    + " publisher is not looked for. To let it run, in that database: ALTER SUBSCRIPTION " + quoted
                    + " ENABLE; ALTER SUBSCRIPTION " + quoted + " REFRESH PUBLICATION; To be rid of it: ALTER"
                    + " SUBSCRIPTION " + quoted + " SET (slot_name = NONE); DROP SUBSCRIPTION " + quoted + ";");
        }
        return nextSteps;
    }

    private static boolean exists(Connection inside, Scheduler scheduler) throws SQLException {
        return !Server.column(
                        inside,
                        "SELECT 'yes' FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('"
                                + scheduler.table() + "') AND attname = '" + scheduler.active()
                                + "' AND atttypid = 'pg_catalog.bool'::pg_catalog.regtype AND NOT attisdropped")
                .isEmpty();
    }
}
