package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.dump.ContentFacts;
import cloud.lvs.backup.provider.postgres.dump.DumpVerification;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.RunContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what was restored with what the backup says was there. */
final class RestoredChecks {
    /** Properties that have to come back as they were noted. */
    private static final List<String> PROPERTIES = List.of(
            "encoding",
            "collate",
            "ctype",
            "localeProvider",
            "icuLocale",
            "tablespace",
            "connectionLimit",
            "isTemplate");

    private static final List<String> PROPERTIES_OF_ROLES = List.of("owner", "acl");
    private static final int MOST_SHOWN = 5;

    private final Server server;
    private final Purpose purpose;
    private final Ownership ownership;
    private final RunContext run;
    private final List<Check> checks = new ArrayList<>();
    private Set<String> wantedRoles = Set.of();

    RestoredChecks(Server server, Purpose purpose, Ownership ownership, RunContext run) {
        this.server = server;
        this.purpose = purpose;
        this.ownership = ownership;
        this.run = run;
    }

    List<Check> done() throws BackupException, SQLException {
        if (!wantedRoles.isEmpty()) {
            try (TargetServer target =
                    TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
                Set<String> missing = new TreeSet<>(wantedRoles);
                missing.removeAll(target.roles());
                checks.add(
                        0,
                        missing.isEmpty()
                                ? Check.passed("roles", wantedRoles.size() + ", all there")
                                : Check.failed("roles", "lacks " + String.join(", ", missing)));
            }
        }
        return checks;
    }

    void globals(Globals globals) {
        wantedRoles = globals.roles();
    }

    /** @param failed the statements that did not take effect: what is missing for them is told already */
    void database(Database database, List<FailedStatement> failed)
            throws BackupException, InterruptedException, SQLException {
        run.checkpoint();
        try (TargetServer target = TargetServer.connect(server, database.name())) {
            DatabaseRow row = target.databases().get(database.name());
            if (row == null) {
                checks.add(Check.failed("database " + database.item(), "is not there"));
                return;
            }
            properties(database, row);
            Set<String> extensions = new TreeSet<>(database.scan().extensions());
            extensions.removeAll(target.column("SELECT extname FROM pg_catalog.pg_extension"));
            extensions.removeIf(each -> isOf("CREATE EXTENSION", each, failed));
            if (!extensions.isEmpty()) {
                checks.add(Check.failed("extensions " + database.item(), "lacks " + String.join(", ", extensions)));
            }
            Set<String> withoutRows = FailedStatement.tablesWithoutRows(failed);
            contents(target, database, withoutRows);
            if (purpose == Purpose.REHEARSAL) {
                rows(target, database, withoutRows);
            }
        }
    }

    private void properties(Database database, DatabaseRow row) {
        List<String> names = new ArrayList<>(PROPERTIES);
        if (ownership == Ownership.KEEP) {
            names.addAll(PROPERTIES_OF_ROLES);
        }
        names.add("settings");
        List<String> differing = new ArrayList<>();
        for (String name : names) {
            String noted = database.noted().get(name);
            String found = row.facts().get(name);
            if (noted != null && !noted.equals(found) && !isSameAcl(name, noted, found)) {
                differing.add(name + " is " + found + ", was " + noted);
            }
        }
        String check = "database " + database.item();
        // Locale names and privileges differ between versions without any loss: somebody has to look.
        checks.add(
                differing.isEmpty()
                        ? Check.passed(check, "is there, with its properties")
                        : Check.warned(check, String.join("; ", differing)));
    }

    private static boolean isSameAcl(String name, String noted, @org.jspecify.annotations.Nullable String found) {
        return name.equals("acl") && found != null && aclItems(noted).equals(aclItems(found));
    }

    private static Set<String> aclItems(String acl) {
        return new TreeSet<>(List.of(acl.replaceAll("^\\{|}$", "").split(",")));
    }

    /** What the manifest notes of tables and sequences. */
    private void contents(TargetServer target, Database database, Set<String> withoutRows) throws SQLException {
        SortedMap<String, String> noted = new TreeMap<>();
        database.noted().forEach((name, value) -> {
            if (name.startsWith(ContentFacts.TABLE)
                    && !withoutRows.contains(name.substring(ContentFacts.TABLE.length()))) {
                noted.put(name, value);
            }
        });
        if (noted.isEmpty()) {
            return;
        }
        boolean prints = noted.values().stream().anyMatch(value -> value.contains(" "));
        target.connection().setAutoCommit(false);
        SortedMap<String, String> found;
        try {
            found = ContentFacts.ofTables(
                    target.connection(),
                    prints ? PostgresConfig.Contents.FINGERPRINTS : PostgresConfig.Contents.COUNTS,
                    Set.of());
        } finally {
            target.connection().rollback();
            target.connection().setAutoCommit(true);
        }
        compare("contents " + database.item(), noted, found, prints ? "counts and fingerprints" : "counts");
        sequences(target, database);
    }

    private void compare(String name, Map<String, String> noted, Map<String, String> found, String what) {
        List<String> differing = new ArrayList<>();
        noted.forEach((fact, value) -> {
            if (!value.equals(found.get(fact))) {
                differing.add(fact + " is " + found.get(fact) + ", was " + value);
            }
        });
        checks.add(
                differing.isEmpty()
                        ? Check.passed(name, noted.size() + " tables, " + what + " as noted")
                        : Check.failed(name, shown(differing)));
    }

    /** A sequence is noted before its dump begins, so it may have gone on. */
    private void sequences(TargetServer target, Database database) throws SQLException {
        Map<String, String> found = ContentFacts.ofSequences(target.connection(), PostgresConfig.Contents.COUNTS);
        List<String> lacking = database.noted().keySet().stream()
                .filter(name -> name.startsWith(ContentFacts.SEQUENCE) && !found.containsKey(name))
                .sorted()
                .toList();
        if (!lacking.isEmpty()) {
            checks.add(Check.failed("sequences " + database.item(), "lacks " + shown(lacking)));
        }
    }

    /** As many rows in each table as the dump has for it. */
    private void rows(TargetServer target, Database database, Set<String> withoutRows)
            throws InterruptedException, SQLException, BackupException {
        List<String> differing = new ArrayList<>();
        long total = 0;
        for (Map.Entry<String, Long> table : database.scan().rows().entrySet()) {
            run.checkpoint();
            if (withoutRows.contains(DumpVerification.quoted(table.getKey()))) {
                continue;
            }
            long count = Long.parseLong(
                    target.column("SELECT count(*) FROM ONLY " + table.getKey()).get(0));
            total += count;
            if (count != table.getValue() && !isOfExtension(target, table.getKey())) {
                differing.add(table.getKey() + " has " + count + " rows, the dump " + table.getValue());
            }
        }
        checks.add(
                differing.isEmpty()
                        ? Check.passed(
                                "rows " + database.item(),
                                total + " in " + database.scan().rows().size() + " tables, as in the dump")
                        : Check.failed("rows " + database.item(), shown(differing)));
    }

    /** Such a table has rows of its own, and only what users added to it is dumped. */
    private static boolean isOfExtension(TargetServer target, String table) throws SQLException {
        return !target.column(
                        "SELECT 'yes' FROM pg_catalog.pg_depend WHERE deptype = 'e' AND objid = ?::pg_catalog.regclass",
                        table)
                .isEmpty();
    }

    private static boolean isOf(String statement, String name, List<FailedStatement> failed) {
        return failed.stream()
                .anyMatch(each -> each.sql().startsWith(statement) && each.sql().contains(name));
    }

    private static String shown(List<String> all) {
        return String.join("; ", all.subList(0, Math.min(MOST_SHOWN, all.size())))
                + (all.size() > MOST_SHOWN ? " and " + (all.size() - MOST_SHOWN) + " more" : "");
    }
}
