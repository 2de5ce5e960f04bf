package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The CHECK constraints of tables and domains, taken away while rows are loaded: one that looks into other tables, or that the
 * rows do not satisfy, would keep them out. They come back when all rows are there; one that fails then is not valid, but
 * there.
 */
final class DetachedChecks {
    /** What pg_get_constraintdef gives depends on the search path, which is that of scripts here. */
    private static final String ALL = """
            SELECT CASE WHEN c.contypid <> 0 THEN 'DOMAIN ' ELSE 'TABLE ' END,
                   pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(coalesce(r.relname, t.typname)),
                   c.conname, pg_catalog.pg_get_constraintdef(c.oid),
                   pg_catalog.obj_description(c.oid, 'pg_constraint')
              FROM pg_catalog.pg_constraint c
              LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid AND r.relkind IN ('r', 'p')
              LEFT JOIN pg_catalog.pg_type t ON t.oid = c.contypid AND t.oid <> 0
              JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(r.relnamespace, t.typnamespace)
             WHERE c.contype = 'c' AND (c.contypid <> 0 OR c.conislocal)
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
                                AND d.objid IN (c.conrelid, c.contypid))
             ORDER BY c.coninhcount, c.oid
            """;

    private record Check(String kind, String of, String name, String definition, String comment) {
        String described() {
            return "check constraint " + name + " of " + kind.toLowerCase(java.util.Locale.ROOT) + of;
        }

        String alter() {
            return "ALTER " + kind + of;
        }

        String addition() {
            return alter() + " ADD CONSTRAINT " + Quoting.identifier(name) + " " + definition;
        }
    }

    private final LoadSession session;
    private final List<Check> detached = new ArrayList<>();

    DetachedChecks(LoadSession session) {
        this.session = session;
    }

    void detach() throws SQLException, BackupException, InterruptedException {
        session.setScriptPath();
        for (List<String> row : session.rows(ALL)) {
            Check check = new Check(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
            try {
                session.execute(check.alter() + " DROP CONSTRAINT " + Quoting.identifier(check.name()));
                detached.add(check);
            } catch (SQLException e) {
                // It stays where it is.
            }
        }
    }

    /** Puts them back; gives those that the rows do not satisfy. */
    List<FailedStatement> attach() throws SQLException, BackupException, InterruptedException {
        List<FailedStatement> failed = new ArrayList<>();
        session.setApplicationPath("");
        for (Check check : detached) {
            try {
                session.execute(check.addition());
            } catch (SQLException e) {
                failed.add(attachUnvalidated(check, e));
            }
            if (!check.comment().isEmpty()) {
                String on = check.kind().equals("DOMAIN ") ? "DOMAIN " + check.of() : check.of();
                try {
                    session.execute("COMMENT ON CONSTRAINT " + Quoting.identifier(check.name()) + " ON " + on + " IS "
                            + Quoting.literal(check.comment()));
                } catch (SQLException e) {
                    // The constraint itself is missing, and told.
                }
            }
        }
        return failed;
    }

    private FailedStatement attachUnvalidated(Check check, SQLException why)
            throws BackupException, InterruptedException {
        FailedStatement failed = FailedStatement.refused(check.described(), why, check.addition() + ";");
        try {
            session.execute(check.addition() + " NOT VALID");
            return failed.adding("; the rows are there, and the constraint is NOT VALID");
        } catch (SQLException e) {
            return failed.adding("; the rows are there, the constraint is not");
        }
    }
}
