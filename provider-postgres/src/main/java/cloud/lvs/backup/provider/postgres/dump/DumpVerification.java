package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.dump.DumpCheck.ClusterScan;
import cloud.lvs.backup.provider.postgres.dump.StoredCluster.StoredDatabase;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Proves without a server that the dumps of a backup are whole, and are those that its manifest notes. */
public final class DumpVerification {
    private final StoredCluster stored;
    private final DumpCheck check;
    private final RunContext run;
    private final List<Check> checks = new ArrayList<>();

    public DumpVerification(BackupReader backup, Programs programs, RunContext run)
            throws IOException, InterruptedException {
        this.stored = StoredCluster.of(backup.manifest());
        this.check = new DumpCheck(backup, RestorePrograms.reading(backup.manifest(), programs, run), run);
        this.run = run;
    }

    public Verification verify() throws IOException, InterruptedException {
        StoredArtifact globals = stored.globals();
        if (globals != null) {
            attempt("dump " + ItemNames.CLUSTER, () -> {
                List<String> statements = check.globals(globals);
                return roles(statements) + " roles";
            });
        }
        StoredArtifact script = stored.script();
        if (script != null) {
            attempt("dump " + ItemNames.CLUSTER, () -> script(script));
        }
        for (StoredDatabase database : stored.databases()) {
            attempt("dump " + database.item(), () -> database(database));
        }
        return new Verification(checks);
    }

    private interface Attempt {
        String check() throws IOException, InterruptedException;
    }

    /** One broken dump does not keep the others from being looked at. */
    private void attempt(String name, Attempt attempt) throws IOException, InterruptedException {
        run.checkpoint();
        int place = checks.size();
        try {
            checks.add(place, Check.passed(name, attempt.check()));
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            checks.add(Check.failed(name, e.getMessage()));
        }
    }

    private String script(StoredArtifact script) throws IOException, InterruptedException {
        ClusterScan scan = check.everything(script);
        scan.leftOut().ifPresent(left -> checks.add(Check.warned("statements " + ItemNames.CLUSTER, left)));
        stored.noted(ItemNames.CLUSTER, "databases")
                .or(() -> Optional.ofNullable(script.facts().get("databases")))
                .ifPresent(noted -> compare(
                        "databases " + ItemNames.CLUSTER,
                        noted,
                        Integer.toString(scan.databases().size())));
        scan.databases().forEach((name, database) -> compare(ItemNames.ofDatabase(name), database));
        return roles(scan.globals()) + " roles, " + scan.databases().size() + " databases, " + total(scan.databases())
                + " rows";
    }

    private static long total(Map<String, DumpScan> databases) {
        return databases.values().stream().mapToLong(DumpVerification::rows).sum();
    }

    private static long rows(DumpScan scan) {
        return scan.rows().values().stream().mapToLong(Long::longValue).sum();
    }

    private static long roles(List<String> statements) {
        return statements.stream()
                .filter(statement -> statement.startsWith("CREATE ROLE "))
                .count();
    }

    private String database(StoredDatabase database) throws IOException, InterruptedException {
        DumpScan whole = new DumpScan();
        for (StoredArtifact part : database.parts()) {
            whole.add(check.database(part));
        }
        Optional<String> name = whole.database();
        if (name.isPresent() && !name.get().equals(database.name())) {
            checks.add(Check.failed("name " + database.item(), "the dump is of database '" + name.get() + "'"));
        }
        compare(database.item(), whole);
        return whole.tables() + " tables, " + rows(whole) + " rows";
    }

    /** Compares with what the manifest notes. */
    private void compare(String item, DumpScan scan) {
        stored.noted(item, "tables")
                .ifPresent(noted -> compare("tables " + item, noted, Integer.toString(scan.tables())));
        Map<String, String> noted = new TreeMap<>(stored.noted().getOrDefault(item, Map.of()));
        List<String> differing = new ArrayList<>();
        int compared = 0;
        for (Map.Entry<String, Long> table : scan.rows().entrySet()) {
            String fact = noted.get("table " + quoted(table.getKey()));
            if (fact == null) {
                continue;
            }
            compared++;
            String count = fact.split(" ", 2)[0];
            if (!count.equals(Long.toString(table.getValue()))) {
                differing.add(table.getKey() + " has " + table.getValue() + " rows, not " + count);
            }
        }
        if (!differing.isEmpty()) {
            checks.add(Check.failed("rows " + item, String.join("; ", differing)));
        } else if (compared > 0) {
            checks.add(Check.passed("rows " + item, compared + " tables have the rows that the manifest notes"));
        }
    }

    private void compare(String name, String noted, String found) {
        checks.add(
                noted.equals(found)
                        ? Check.passed(name, found + ", as the manifest notes")
                        : Check.failed(name, "are " + found + ", but the manifest notes " + noted));
    }

    /** A table as SQL spells it, with both parts quoted: pg_dump quotes only where it must. */
    public static String quoted(String table) {
        StringBuilder all = new StringBuilder();
        int begin = 0;
        boolean inQuotes = false;
        for (int i = 0; i <= table.length(); i++) {
            if (i < table.length() && table.charAt(i) == '"') {
                inQuotes = !inQuotes;
            }
            if (i == table.length() || (table.charAt(i) == '.' && !inQuotes)) {
                all.append(all.isEmpty() ? "" : ".")
                        .append(Quoting.identifier(DatabaseStatement.unquoted(table.substring(begin, i))));
                begin = i + 1;
            }
        }
        return all.toString();
    }
}
