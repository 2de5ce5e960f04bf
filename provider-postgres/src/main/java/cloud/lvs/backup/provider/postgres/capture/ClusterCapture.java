package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.dump.ArtifactRoles;
import cloud.lvs.backup.provider.postgres.dump.DumpFormat;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.program.ParallelTasks;
import cloud.lvs.backup.provider.postgres.program.PassFile;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.server.ServerInfo;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.toolkit.Glob;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * One capture of a cluster: roles and tablespaces first, then the databases, several at a time, the largest first. A
 * database that fails does not harm the others; a sink that fails ends it all. Whatever happens, no process and no session
 * is left.
 */
public final class ClusterCapture {
    private final PostgresConfig config;
    private final Server server;
    private final Programs programs;
    private final Path scratch;
    private final ArtifactWriter out;
    private final RunContext run;

    public ClusterCapture(
            PostgresConfig config, Server server, Programs programs, Path scratch, ArtifactWriter out, RunContext run) {
        this.config = config;
        this.server = server;
        this.programs = programs;
        this.scratch = scratch;
        this.out = out;
        this.run = run;
    }

    /** What was there when the capture began. */
    private record Beginning(
            ServerInfo info,
            DatabaseSelection selection,
            List<DatabaseRow> databases,
            List<String> globals,
            Optional<String> settingsOfAllRoles) {}

    public CaptureReport capture() throws IOException, InterruptedException {
        run.checkpoint();
        Beginning beginning = look();
        beginning.selection().requireSomething();
        Installation tools = programs.oldestFor(beginning.info().version(), run, Programs.PG_DUMP, Programs.PG_DUMPALL);
        Sessions sessions = new Sessions(server);
        try (PassFile login = PassFile.in(
                        scratch, server.password(), server.endpoint().sslKey());
                LockWaitMonitor lockWaits = LockWaitMonitor.over(server, config.lockWaitTimeout())) {
            Map<String, String> environment = new TreeMap<>(server.environment());
            environment.putAll(login.environment());
            DumpContext context = new DumpContext(
                    config,
                    beginning.info(),
                    sessions,
                    new DumpCommands(tools, beginning.info().version(), environment),
                    config.excludeTableData().stream().map(Glob::of).toList(),
                    ConcurrentHashMap.newKeySet(),
                    out,
                    lockWaits,
                    run);
            return config.layout() == PostgresConfig.Layout.CLUSTER
                    ? captureAsOne(beginning, context)
                    : captureEach(beginning, context);
        } finally {
            sessions.breakOff();
            server.endLeftSessions();
        }
    }

    private Beginning look() throws BackupException {
        try (Connection connection = server.connect(server.endpoint().maintenanceDatabase())) {
            ServerInfo info = ServerInfo.read(connection, server.endpoint());
            List<DatabaseRow> databases = DatabaseRow.all(connection);
            return new Beginning(
                    info,
                    DatabaseSelection.of(config, databases),
                    databases,
                    ServerInfo.globalNames(connection),
                    RoleSettings.read(connection));
        } catch (SQLException e) {
            throw server.broke(e);
        }
    }

    // Layout cluster

    private CaptureReport captureAsOne(Beginning beginning, DumpContext context)
            throws IOException, InterruptedException {
        DatabaseSelection selection = beginning.selection();
        if (selection.selected().isEmpty()) {
            return report(beginning, context, List.of(ItemResult.skipped(ItemNames.CLUSTER, "no database is in it")));
        }
        List<String> arguments = new ArrayList<>(List.of(context.lockWaitTimeout()));
        selection.others().stream()
                .filter(other -> !other.database().name().equals("template0"))
                .forEach(other -> arguments.add(
                        "--exclude-database=" + Quoting.pattern(other.database().name())));
        Artifact artifact = Artifact.of(ItemNames.CLUSTER, ArtifactRoles.CLUSTER)
                .withExtension(".sql")
                .withSensitivity(sensitivity())
                .withRestoreTail("| psql -X -d " + Quoting.shell(Quoting.database(config.maintenanceDatabase())));
        Map<String, String> artifactFacts = Map.of(
                "format",
                "cluster",
                "databases",
                Integer.toString(selection.selected().size()));
        long size = selection.selected().stream()
                .mapToLong(database -> database.sizeBytes() == null ? 0 : database.sizeBytes())
                .sum();
        Map<String, String> facts = new TreeMap<>(clusterFacts(beginning));
        selection.selected().forEach(this::warnOfPropertiesInNoScript);
        selection.selected().forEach(database -> facts.put("database " + database.name(), shown(database)));
        ItemResult result = dumpAll(context, arguments, artifact, artifactFacts, facts, size);
        return report(beginning, context, List.of(result));
    }

    /** {@code pg_dumpall} writes the properties of the databases that it makes, and these exist. */
    private void warnOfPropertiesInNoScript(DatabaseRow database) {
        if (!Set.of("postgres", "template1").contains(database.name())) {
            return;
        }
        List<String> properties = new ArrayList<>();
        if (database.facts().containsKey("settings")) {
            properties.add("settings");
        }
        if (!"-1".equals(database.facts().get("connectionLimit"))) {
            properties.add("a connection limit");
        }
        if (!properties.isEmpty()) {
            run.warn(
                    database.described() + " has " + String.join(" and ", properties)
                            + ", which no script of pg_dumpall holds; set them again after a restore, or use layout: databases");
        }
    }

    private static String shown(DatabaseRow database) {
        return database.facts().entrySet().stream()
                .filter(fact -> Set.of("owner", "encoding", "sizeBytes").contains(fact.getKey()))
                .map(fact -> fact.getKey() + "=" + fact.getValue())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private Sensitivity sensitivity() {
        return config.rolePasswords() ? Sensitivity.SECRET : Sensitivity.ORDINARY;
    }

    private ItemResult dumpAll(
            DumpContext context,
            List<String> arguments,
            Artifact artifact,
            Map<String, String> artifactFacts,
            Map<String, String> facts,
            long size)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(arguments);
        if (!config.rolePasswords()) {
            all.add("--no-role-passwords");
        }
        all.add("--dbname=" + Quoting.database(config.maintenanceDatabase()));
        long[] done = new long[1];
        DumpBody body = new DumpBody(
                context.commands().of(Programs.PG_DUMPALL, all),
                DumpFormat.CLUSTER_SCRIPT,
                "cluster",
                config,
                config.timeout(),
                run,
                artifactFacts,
                more -> {
                    done[0] += more;
                    run.progress(ItemNames.CLUSTER, done[0], size);
                });
        try {
            out.write(artifact, body);
            return ItemResult.done(ItemNames.CLUSTER, facts);
        } catch (IOException e) {
            BackupException own = body.failure().orElse(null);
            if (own == null) {
                throw e;
            }
            return ItemResult.failed(
                    ItemNames.CLUSTER,
                    new BackupException(
                            own.kind(),
                            own.target(),
                            own.problem() + context.lockWaits().told(),
                            own.remedy(),
                            own));
        }
    }

    private static Map<String, String> clusterFacts(Beginning beginning) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("walLsn", beginning.info().walLsn());
        beginning.settingsOfAllRoles().ifPresent(settings -> facts.put(RoleSettings.FACT, settings));
        for (String kind : List.of("role", "tablespace")) {
            facts.put(
                    kind + "s",
                    Long.toString(beginning.globals().stream()
                            .filter(name -> name.startsWith(kind + " "))
                            .count()));
        }
        return facts;
    }

    // Layout databases

    private CaptureReport captureEach(Beginning beginning, DumpContext context)
            throws IOException, InterruptedException {
        List<DatabaseDump> dumps = new ArrayList<>();
        int ordinal = 1;
        for (DatabaseRow database : beginning.selection().selected()) {
            DatabaseDump dump = new DatabaseDump(context, database, ordinal);
            dumps.add(dump);
            ordinal += dump.parts().size();
        }
        ItemResult globals = dumps.isEmpty()
                ? ItemResult.skipped(ItemNames.CLUSTER, "no database could be captured that it would serve")
                : captureGlobals(beginning, context);
        dumpAtOnce(dumps, context.sessions());
        List<ItemResult> results = new ArrayList<>();
        List<ItemResult> databases = withoutDropped(dumps);
        boolean some = databases.stream().anyMatch(result -> result.status() == ItemResult.Status.DONE);
        results.add(
                some || globals.status() != ItemResult.Status.DONE
                        ? globals
                        : ItemResult.skipped(ItemNames.CLUSTER, "no database was captured that it would serve"));
        results.addAll(databases);
        warnOfIdleGlobs(context);
        return report(beginning, context, results);
    }

    private ItemResult captureGlobals(Beginning beginning, DumpContext context)
            throws IOException, InterruptedException {
        Artifact artifact = Artifact.of(ItemNames.CLUSTER, ArtifactRoles.GLOBALS)
                .withExtension(".sql")
                .withSensitivity(sensitivity())
                .withRestoreTail("| psql -X -d postgres");
        return dumpAll(
                context, List.of("--globals-only"), artifact, Map.of("format", "plain"), clusterFacts(beginning), 0);
    }

    private void dumpAtOnce(List<DatabaseDump> dumps, Sessions sessions) throws IOException, InterruptedException {
        List<DatabaseDump> largestFirst = dumps.stream()
                .sorted(Comparator.comparing(
                        (DatabaseDump dump) -> {
                            Long size = dump.database().sizeBytes();
                            return size == null ? Long.MAX_VALUE : size;
                        },
                        Comparator.reverseOrder()))
                .toList();
        List<ParallelTasks.Task> works = new ArrayList<>();
        for (DatabaseDump dump : largestFirst) {
            for (DumpPart part : dump.parts()) {
                works.add(() -> dump.dump(part));
            }
        }
        try {
            new ParallelTasks("capture", config.processes(), run, sessions::breakOff).execute(works);
        } finally {
            dumps.forEach(DatabaseDump::close);
        }
    }

    /** What became of the databases; one that is gone by now could not be captured, and needs not be. */
    private List<ItemResult> withoutDropped(List<DatabaseDump> dumps) {
        List<ItemResult> results = new ArrayList<>();
        Optional<Set<Long>> existing = Optional.empty();
        if (dumps.stream().anyMatch(dump -> dump.failed().isPresent())) {
            existing = databasesNow()
                    .map(rows -> rows.stream().map(DatabaseRow::oid).collect(Collectors.toSet()));
        }
        for (DatabaseDump dump : dumps) {
            boolean gone = dump.failed().isPresent()
                    && existing.map(oids -> !oids.contains(dump.database().oid()))
                            .orElse(false);
            if (gone) {
                run.warn(dump.database().described() + " was dropped while the run was at work, and is not in it");
                results.add(ItemResult.skipped(ItemNames.of(dump.database()), "was dropped while the run was at work"));
            } else {
                results.add(dump.outcome());
            }
        }
        return results;
    }

    private Optional<List<DatabaseRow>> databasesNow() {
        try (Connection connection = server.connect(server.endpoint().maintenanceDatabase())) {
            return Optional.of(DatabaseRow.all(connection));
        } catch (SQLException | BackupException e) {
            return Optional.empty();
        }
    }

    private void warnOfIdleGlobs(DumpContext context) {
        context.withoutData().stream()
                .map(Glob::text)
                .filter(glob -> !context.matched().contains(glob))
                .forEach(glob -> run.warn("excludeTableData " + glob + " matches no database.schema.table"));
    }

    // Both

    private CaptureReport report(Beginning beginning, DumpContext context, List<ItemResult> captured)
            throws InterruptedException, BackupException {
        run.checkpoint();
        Map<String, ItemResult> results = new LinkedHashMap<>();
        captured.forEach(result -> results.put(result.item(), result));
        for (DatabaseSelection.Skipped other : beginning.selection().others()) {
            String item = ItemNames.of(other.database());
            results.put(
                    item,
                    other.state() == Item.State.EXCLUDED
                            ? ItemResult.skipped(item, other.reason())
                            : ItemResult.failed(item, other.reason()));
        }
        addWhatIsNew(beginning, results);
        return new CaptureReport(
                List.copyOf(results.values()),
                beginning.info().identity(context.commands().version()));
    }

    /** Nothing that appears or changes while a run is at work goes by untold. */
    private void addWhatIsNew(Beginning beginning, Map<String, ItemResult> results) {
        Set<Long> known = beginning.databases().stream().map(DatabaseRow::oid).collect(Collectors.toSet());
        try (Connection connection = server.connect(server.endpoint().maintenanceDatabase())) {
            List<DatabaseRow> created = DatabaseRow.all(connection).stream()
                    .filter(database -> !known.contains(database.oid()))
                    .toList();
            for (DatabaseRow database : DatabaseSelection.of(config, created).selected()) {
                run.warn(database.described() + " was created while the run was at work; the next run holds it");
                results.putIfAbsent(
                        ItemNames.of(database),
                        ItemResult.skipped(ItemNames.of(database), "was created while the run was at work"));
            }
            List<String> globals = ServerInfo.globalNames(connection);
            List<String> gone = new ArrayList<>(beginning.globals());
            gone.removeAll(globals);
            globals.removeAll(beginning.globals());
            if (!gone.isEmpty() || !globals.isEmpty()) {
                run.warn(String.format(
                        Locale.ROOT,
                        "roles or tablespaces changed while the run was at work, so that databases may refer to what the"
                                + " backup lacks; new: %s, gone: %s",
                        globals,
                        gone));
            }
        } catch (SQLException | BackupException e) {
            run.warn("whether databases, roles or tablespaces changed while the run was at work could not be asked: "
                    + e.getMessage());
        }
    }
}
