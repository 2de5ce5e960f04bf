package cloud.lvs.backup.provider.postgres.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The libraries that a server loads when it starts. A server that rehearses a restore needs the same ones.
 *
 * @param libraries {@code shared_preload_libraries}; empty if there are none, or if we may not ask
 * @param cronDatabase {@code cron.database_name}: the one database that pg_cron can be in; empty if it is not there
 */
public record PreloadedLibraries(String libraries, String cronDatabase) {
    public static final PreloadedLibraries NONE = new PreloadedLibraries("", "");

    private static final String LIBRARIES = "sharedPreloadLibraries";
    private static final String CRON_DATABASE = "cronDatabaseName";

    /** They start no workers, which could do something in a database that is only rehearsed. */
    private static final Set<String> WITHOUT_WORKERS =
            Set.of("pg_stat_statements", "auto_explain", "pgaudit", "passwordcheck", "auth_delay", "sepgsql");

    static PreloadedLibraries read(Connection connection) throws SQLException {
        return new PreloadedLibraries(
                setting(connection, "shared_preload_libraries"), setting(connection, "cron.database_name"));
    }

    /** Not by {@code current_setting}, which fails for who may not read it. */
    private static String setting(Connection connection, String name) throws SQLException {
        return Server.column(connection, "SELECT setting FROM pg_catalog.pg_settings WHERE name = '" + name + "'")
                .stream()
                .findFirst()
                .orElse("");
    }

    /** What a manifest notes. */
    Map<String, String> facts() {
        Map<String, String> facts = new TreeMap<>();
        if (!libraries.isEmpty()) {
            facts.put(LIBRARIES, libraries);
        }
        if (!cronDatabase.isEmpty()) {
            facts.put(CRON_DATABASE, cronDatabase);
        }
        return facts;
    }

    /** From what a manifest notes of its source. */
    public static PreloadedLibraries of(Map<String, String> facts) {
        return new PreloadedLibraries(facts.getOrDefault(LIBRARIES, ""), facts.getOrDefault(CRON_DATABASE, ""));
    }

    /** What a server is started with to have them, and to let nothing of theirs run. */
    public List<String> settings() {
        if (libraries.isEmpty()) {
            return List.of();
        }
        boolean quiet = Stream.of(libraries.split(",")).map(String::strip).allMatch(WITHOUT_WORKERS::contains);
        return Stream.of(
                        "shared_preload_libraries=" + libraries,
                        cronDatabase.isEmpty() ? "" : "cron.database_name=" + cronDatabase,
                        quiet ? "" : "max_worker_processes=0")
                .filter(each -> !each.isEmpty())
                .toList();
    }
}
