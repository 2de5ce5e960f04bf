package cloud.lvs.backup.provider.postgres.dump;

import java.util.regex.Pattern;

/**
 * The statements that {@code pg_dumpall} writes, of every version since 9.2. A restore runs these and no others: what else
 * stands in a script was written by somebody else, or is not understood.
 */
public final class DumpGrammar {
    /** What to do with a statement. */
    public enum Treatment {
        /** Run it, or what it says of a database. */
        RUN,
        /** Leave it out: it sets up a session that a restore sets up for itself. */
        LEAVE_OUT,
        /** Leave it out and say so: it would remove what is on the target, which {@code --clean} asked for. */
        KEEP_FROM_DROPPING,
        /** Refuse the script. */
        REFUSE
    }

    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";

    private static final Pattern OF_CLUSTER = Pattern.compile("CREATE ROLE " + NAME + ";"
            + "|ALTER ROLE " + NAME + " (?:WITH|SET|RESET) "
            + "|COMMENT ON (?:ROLE|TABLESPACE) " + NAME + " IS "
            + "|SECURITY LABEL FOR " + NAME + " ON (?:ROLE|TABLESPACE) " + NAME + " IS "
            + "|GRANT " + NAME + " TO " + NAME
            + "|(?:GRANT|REVOKE)[A-Z, ]* ON (?:PARAMETER|TABLESPACE) "
            + "|CREATE TABLESPACE " + NAME + " "
            + "|ALTER TABLESPACE " + NAME + " (?:SET|RESET|OWNER TO) "
            + "|(?:SET|RESET) SESSION AUTHORIZATION\\b"
            + "|SET (?:default_transaction_read_only|client_encoding|standard_conforming_strings"
            + "|escape_string_warning) = ");

    private static final Pattern OF_SESSION =
            Pattern.compile("SET [a-z_]+ (?:=|TO) |SELECT pg_catalog\\.set_config\\('search_path', ");

    private static final Pattern OF_CLEAN = Pattern.compile("DROP (?:DATABASE|ROLE|TABLESPACE) (?:IF EXISTS )?" + NAME
            + ";|UPDATE (?:pg_catalog\\.)?pg_database SET datistemplate = (?:false|'f') WHERE datname = ");

    private static final Pattern OF_DATABASE = Pattern.compile("(?:SET|RESET|CREATE|ALTER|COMMENT ON|GRANT|REVOKE|COPY"
            + "|INSERT INTO|SECURITY LABEL|REFRESH MATERIALIZED VIEW) |BEGIN;|COMMIT;"
            + "|SELECT (?:pg_catalog\\.)?(?:setval|set_config|lo_[a-z]+|lowrite)\\("
            + "|SELECT \\* FROM pg_catalog\\.pg_restore_[a-z]+_stats\\(");

    /** What reaches beyond the database that a statement runs in. */
    private static final Pattern BEYOND_DATABASE =
            Pattern.compile("(?:CREATE|ALTER) (?:DATABASE|ROLE|USER(?! MAPPING)|GROUP|TABLESPACE|SYSTEM)\\b"
                    + "|GRANT " + NAME + " TO |(?:GRANT|REVOKE)[A-Z, ]* ON (?:PARAMETER|TABLESPACE) "
                    + "|COMMENT ON (?:ROLE|TABLESPACE) "
                    + "|(?:INSERT INTO|COPY) \"?pg_catalog\"?\\.");

    private static final Pattern ABOUT_DATABASE = Pattern.compile(
            " (?:WITH|OWNER TO|SET|RESET|CONNECTION LIMIT|IS_TEMPLATE|IS|TO|FROM)\\b.*|;.*", Pattern.DOTALL);

    private DumpGrammar() {}

    /**
     * Of a statement among roles and tablespaces.
     *
     * @param beginning of the statement
     */
    static Treatment ofGlobals(String beginning) {
        if (OF_CLEAN.matcher(beginning).lookingAt()) {
            return Treatment.KEEP_FROM_DROPPING;
        }
        if (OF_CLUSTER.matcher(beginning).lookingAt() || isAboutDatabase(beginning)) {
            return Treatment.RUN;
        }
        return OF_SESSION.matcher(beginning).lookingAt() ? Treatment.LEAVE_OUT : Treatment.REFUSE;
    }

    /**
     * Of a statement in the dump of a database before that is connected to.
     *
     * @param beginning of the statement
     */
    static Treatment ofHead(String beginning) {
        return OF_SESSION.matcher(beginning).lookingAt() ? Treatment.LEAVE_OUT : ofGlobals(beginning);
    }

    /**
     * Of a statement inside a database.
     *
     * @param beginning of the statement
     */
    static Treatment ofDatabase(String beginning) {
        if (OF_CLEAN.matcher(beginning).lookingAt()) {
            return Treatment.KEEP_FROM_DROPPING;
        }
        if (isAboutDatabase(beginning)) {
            return Treatment.RUN;
        }
        return OF_DATABASE.matcher(beginning).lookingAt()
                        && !BEYOND_DATABASE.matcher(beginning).lookingAt()
                ? Treatment.RUN
                : Treatment.REFUSE;
    }

    private static boolean isAboutDatabase(String beginning) {
        return DatabaseStatement.of(beginning)
                .filter(about -> ABOUT_DATABASE.matcher(about.after()).matches())
                .isPresent();
    }
}
