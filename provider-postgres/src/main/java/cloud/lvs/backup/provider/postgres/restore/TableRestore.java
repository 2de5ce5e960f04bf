package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.dump.ClusterScript;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.DumpGrammar;
import cloud.lvs.backup.provider.postgres.dump.DumpVerification;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.load.StatementFilter;
import cloud.lvs.backup.provider.postgres.program.PassFile;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.restore.DatabaseLoader.ScriptLoad;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Restores one table, with its partitions. {@code pg_restore -t} brings a table without its indexes, constraints, defaults
 * and privileges; so the whole definition of the database, with the rows of this table alone, is loaded into a temporary
 * database, and {@code pg_dump -t} takes the table from there to where it belongs, in one transaction. Foreign keys would
 * need the rows of other tables as they were, and are left to the operator.
 */
final class TableRestore {
    private final BackupReader backup;
    private final RestorePlan plan;
    private final Server server;
    private final RestorePrograms tools;
    private final Programs programs;
    private final PostgresRestoreOptions options;
    private final RestoreBehavior behavior;
    private final Path scratch;
    private final RunContext run;
    private final String temporary;
    private Set<String> unknownSettings = Set.of();
    private final List<String> foreignKeys = new ArrayList<>();
    private final List<String> statistics = new ArrayList<>();
    private final List<FailedStatement> refused = new ArrayList<>();

    TableRestore(
            BackupReader backup,
            RestorePlan plan,
            Server server,
            RestorePrograms tools,
            Programs programs,
            PostgresRestoreOptions options,
            RestoreBehavior behavior,
            Path scratch,
            RunContext run) {
        this.backup = backup;
        this.plan = plan;
        this.server = server;
        this.tools = tools;
        this.programs = programs;
        this.options = options;
        this.behavior = behavior;
        this.scratch = scratch;
        this.run = run;
        this.temporary = ScratchDatabases.name(server, 1);
    }

    /** What is restored: where from, under which names SQL knows it, and its quoted name. */
    private record Table(Database database, Set<String> spelled, String quoted) {}

    RestoreReport execute() throws IOException, InterruptedException {
        Table table = chosen();
        boolean anew = options.as() != null;
        String step =
                "table " + table.quoted() + " of database '" + table.database().original() + "' with "
                        + rows(table) + " rows to " + (anew ? "the new database '" : "database '")
                        + table.database().name() + "' on " + server.endpoint();
        try {
            look(table, anew);
            if (behavior.mode() == Mode.DRY_RUN) {
                return report(table, List.of("Would restore " + step + "."), List.of());
            }
            List<Check> checks = restore(table, anew);
            return report(table, List.of("Restored " + step + "."), checks);
        } catch (SQLException e) {
            run.checkpoint();
            throw TargetServer.failed(server.endpoint().toString(), e);
        } finally {
            if (behavior.mode() == Mode.EXECUTE) {
                clean();
            }
        }
    }

    private static long rows(Table table) {
        return table.spelled().stream()
                .mapToLong(each -> table.database().scan().rows().getOrDefault(each, 0L))
                .sum();
    }

    private Table chosen() throws BackupException {
        String wanted = String.valueOf(options.table());
        if (plan.databases().size() != 1) {
            throw refused(
                    "the option table=" + wanted,
                    "is about one database, but " + plan.databases().size() + " are chosen",
                    "choose one with --item");
        }
        Database database = plan.databases().get(0);
        String quoted = DumpVerification.quoted(wanted);
        for (String spelled : database.scan().tableNames()) {
            if (DumpVerification.quoted(spelled).equals(quoted)) {
                return new Table(database, database.scan().withPartitions(spelled), quoted);
            }
        }
        throw refused(
                "table " + wanted,
                "is not in the dump of database '" + database.original() + "'",
                "write schema.table, quoted as in SQL where a name holds a dot; there are: "
                        + String.join(", ", database.scan().tableNames()));
    }

    private void look(Table table, boolean anew) throws BackupException, InterruptedException, SQLException {
        Database database = table.database();
        Database elsewhere = new Database(
                database.item(), database.original(), temporary, database.parts(), database.scan(), database.noted());
        RestorePlan temporaryPlan =
                new RestorePlan(plan.globals(), plan.script(), List.of(elsewhere), plan.items(), List.of());
        try (TargetServer target =
                TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
            unknownSettings = new TargetPreflight(
                            backup.manifest(),
                            temporaryPlan,
                            options,
                            new RestoreBehavior(
                                    behavior.purpose(), Consent.NOT_GIVEN, behavior.mode(), behavior.command()),
                            run)
                    .check(target)
                    .unknownSettings();
            boolean exists = target.databases().containsKey(database.name());
            if (anew && exists) {
                throw refused("database '" + database.name() + "'", "exists", "choose another name (--set as=NAME)");
            }
            if (!anew && !exists) {
                throw refused(
                        "database '" + database.name() + "'",
                        "does not exist on " + server.endpoint(),
                        "restore the table into a new database with --set as=NAME");
            }
        }
        if (!anew) {
            try (TargetServer target = TargetServer.connect(server, database.name())) {
                for (String each : table.spelled()) {
                    if (!target.column("SELECT 'yes' WHERE pg_catalog.to_regclass(?) IS NOT NULL", each)
                            .isEmpty()) {
                        throw refused(
                                "table " + each,
                                "exists in database '" + database.name() + "'",
                                "rename or drop it first, or restore into a new database with --set as=NAME");
                    }
                }
            }
        }
    }

    private static BackupException refused(String target, String problem, String remedy) {
        return new BackupException(Kind.CONFIG, target, problem, remedy + "; nothing was touched");
    }

    private List<Check> restore(Table table, boolean anew) throws IOException, InterruptedException, SQLException {
        Database database = table.database();
        try (TargetServer mark = TargetServer.connect(server, server.endpoint().maintenanceDatabase());
                PassFile login = PassFile.in(
                        scratch, server.password(), server.endpoint().sslKey())) {
            ScratchDatabases.removeThoseOfTheDead(mark, run);
            Map<String, String> environment = new TreeMap<>(server.environment());
            environment.putAll(login.environment());
            DatabaseLoader loader = new DatabaseLoader(
                    tools,
                    environment,
                    options,
                    new StatementFilter(options.ownership(), unknownSettings),
                    scratch,
                    run);
            DatabaseProperties properties =
                    new DatabaseProperties(database.scan(), database.noted(), options.ownership(), unknownSettings);
            try (TargetServer target =
                    TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
                properties.create(target, temporary, refused);
            }
            run.phase("database " + database.original());
            load(loader, table);
            if (anew) {
                try (TargetServer target =
                        TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
                    properties.complete(target, temporary, refused);
                    target.execute("ALTER DATABASE " + Quoting.identifier(temporary) + " RENAME TO "
                            + Quoting.identifier(database.name()));
                }
            } else {
                copy(loader, table);
            }
            loader.execute(database.name(), "ANALYZE " + table.quoted(), database.item());
        }
        run.phase("checks");
        return List.of(check(table));
    }

    private void copy(DatabaseLoader loader, Table table) throws IOException, InterruptedException, SQLException {
        PostgresVersion version;
        try (TargetServer target =
                TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
            version = target.version();
        }
        Path pgDump = programs.oldestFor(version, run, Programs.PG_DUMP).program(Programs.PG_DUMP);
        // pg_dump -t leaves extended statistics out. Quoted, a name means itself as a pattern too.
        List<String> patterns =
                table.spelled().stream().map(DumpVerification::quoted).toList();
        loader.copyTables(
                pgDump,
                temporary,
                patterns,
                statistics,
                table.database().name(),
                table.database().item());
    }

    // Loading the definitions, and the rows of the table

    private void load(DatabaseLoader loader, Table table) throws IOException, InterruptedException {
        StoredArtifact script = plan.script();
        if (script != null) {
            try (DumpCheck.Opened dump = DumpCheck.open(backup, script, run)) {
                ClusterScript all = new ClusterScript(new ScriptReader(dump.stream(), DumpCheck.target(script)));
                TableFilter filter = new TableFilter(table.spelled());
                try (ScriptLoad load = loader.script(temporary, table.database().item())) {
                    for (Token token = all.next(); token != Token.END; token = all.next()) {
                        if (all.treatment() == DumpGrammar.Treatment.RUN
                                && all.database()
                                        .orElse("")
                                        .equals(table.database().original())) {
                            filter.pass(token, all.reader(), load);
                        }
                    }
                    load.finish();
                }
                note(filter);
            }
        }
        for (StoredArtifact part : table.database().parts()) {
            try (DumpCheck.Opened dump = DumpCheck.open(backup, part, run)) {
                if (dump.form() == DumpCheck.Form.ARCHIVE) {
                    new DumpCheck(backup, tools, run)
                            .asScript(dump.stream(), part, reader -> loadScript(loader, table, reader));
                } else {
                    loadScript(loader, table, new ScriptReader(dump.stream(), DumpCheck.target(part)));
                }
            }
        }
    }

    private void loadScript(DatabaseLoader loader, Table table, ScriptReader script)
            throws IOException, InterruptedException {
        TableFilter filter = new TableFilter(table.spelled());
        try (ScriptLoad load = loader.script(temporary, table.database().item())) {
            for (Token token = script.next(); token != Token.END; token = script.next()) {
                filter.pass(token, script, load);
            }
            load.finish();
        }
        note(filter);
    }

    private void note(TableFilter filter) {
        statistics.addAll(filter.statistics());
        foreignKeys.addAll(filter.foreignKeys());
    }

    // The end

    private Check check(Table table) throws BackupException, SQLException {
        try (TargetServer target = TargetServer.connect(server, table.database().name())) {
            Set<String> differing = new TreeSet<>();
            for (String each : table.spelled()) {
                Long expected = table.database().scan().rows().get(each);
                String found =
                        target.column("SELECT count(*) FROM ONLY " + each).get(0);
                if (expected != null && !expected.toString().equals(found)) {
                    differing.add(each + " has " + found + " rows, the dump " + expected);
                }
            }
            String name = "rows " + table.quoted();
            return differing.isEmpty()
                    ? Check.passed(name, rows(table) + ", as in the dump")
                    : Check.failed(name, String.join("; ", differing));
        }
    }

    private void clean() {
        boolean interrupted = Thread.interrupted();
        try {
            TargetServer.awaitRecovery(server);
            server.endLeftSessions();
            try (TargetServer target =
                    TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
                ScratchDatabases.warnOfThoseLeft(server, target.dropQuietly(List.of(temporary)), run);
            }
        } catch (BackupException e) {
            run.warn("database " + temporary + " may be left on " + server.endpoint() + ", since it does not answer ("
                    + e.getMessage() + "); " + ScratchDatabases.removal(List.of(temporary)));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private RestoreReport report(Table table, List<String> steps, List<Check> checks) {
        List<String> nextSteps = new ArrayList<>();
        foreignKeys.forEach(key -> nextSteps.add("A foreign key was left out; to add it: " + key));
        String item = table.database().item();
        return new RestoreReport(
                List.of(ItemResult.done(item, Map.of())),
                steps,
                checks,
                nextSteps,
                refused.stream()
                        .map(each -> new Omission(item, each.object(), each.reason(), each.sql()))
                        .toList());
    }
}
