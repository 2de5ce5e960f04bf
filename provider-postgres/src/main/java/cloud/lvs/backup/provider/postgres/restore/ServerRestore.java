package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.program.ParallelTasks;
import cloud.lvs.backup.provider.postgres.program.PassFile;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Restores databases, and the roles they need, to a running server. Each database is loaded under a name of its own and
 * completed there, several at a time; all get their names at the end, in one transaction. On a failure nothing is left.
 */
final class ServerRestore {
    private final BackupReader backup;
    private final RestorePlan plan;
    private final Server server;
    private final RestorePrograms tools;
    private final PostgresRestoreOptions options;
    private final RestoreBehavior behavior;
    private final Path scratch;
    private final Clock clock;
    private final RunContext run;
    /** When it began; names what it puts aside. */
    private final String timestamp;

    private final Map<Database, String> temporary = new LinkedHashMap<>();
    /** How long each database took to load; those of a script one after the other, the rest side by side. */
    private final Map<Database, Duration> took = new ConcurrentHashMap<>();
    /** What of each database could not be brought back. */
    private final Map<Database, List<String>> lost = new ConcurrentHashMap<>();

    private final List<String> steps = new ArrayList<>();
    private final List<String> nextSteps = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private boolean published;

    ServerRestore(
            BackupReader backup,
            RestorePlan plan,
            Server server,
            RestorePrograms tools,
            PostgresRestoreOptions options,
            RestoreBehavior behavior,
            Path scratch,
            Clock clock,
            RunContext run) {
        this.backup = backup;
        this.plan = plan;
        this.server = server;
        this.tools = tools;
        this.options = options;
        this.behavior = behavior;
        this.scratch = scratch;
        this.clock = clock;
        this.run = run;
        this.timestamp = BackupId.format(clock.instant());
        int count = 0;
        for (Database database : plan.databases()) {
            temporary.put(database, ScratchDatabases.name(server, ++count));
        }
    }

    RestoreReport execute() throws IOException, InterruptedException {
        boolean done = false;
        try {
            TargetPreflight.Found found = look();
            if (behavior.mode() == Mode.EXECUTE) {
                restore(found);
            }
            describe(found);
            done = true;
        } catch (SQLException e) {
            run.checkpoint();
            throw TargetServer.failed(server.endpoint().toString(), e);
        } catch (BackupException e) {
            // A session that broke because we were asked to stop is no failure of the server.
            if (Thread.currentThread().isInterrupted()) {
                run.checkpoint();
            }
            throw e;
        } finally {
            if (!done && published) {
                run.warn("everything was restored and has its name on " + server.endpoint()
                        + ", but was not checked to its end");
            } else if (!done && behavior.mode() == Mode.EXECUTE) {
                takeBack();
            }
        }
        return report();
    }

    private TargetPreflight.Found look() throws IOException, InterruptedException, SQLException {
        try (TargetServer target = TargetServer.connect(server)) {
            return new TargetPreflight(backup.manifest(), plan, options, behavior, run).check(target);
        }
    }

    // The plan in words

    private void describe(TargetPreflight.Found found) {
        String tense = behavior.mode() == Mode.DRY_RUN ? "Would restore " : "Restored ";
        plan.globals()
                .ifPresent(globals -> steps.add(tense + globals.roles().size() + " roles and "
                        + globals.tablespaces().size() + " tablespaces; "
                        + (options.roles() == PostgresRestoreOptions.Roles.KEEP
                                ? "those that exist stay as they are."
                                : "those that exist get their former attributes and passwords.")));
        for (Database database : plan.databases()) {
            String as = database.name().equals(database.original()) ? "" : " as '" + database.name() + "'";
            String existing = found.full().contains(database.name())
                    ? "; the one there is kept as '" + aside(database.name()) + "'."
                    : found.databases().containsKey(database.name()) ? "; the empty one there is replaced." : ".";
            steps.add(tense + "database '" + database.original() + "'" + as + ", "
                    + database.scan().tables() + " tables and " + rows(database) + " rows, to " + server.endpoint()
                    + seconds(database) + existing);
        }
        plan.remarks().forEach(remark -> steps.add("Of the script: " + remark + "."));
        if (!found.unknownSettings().isEmpty()) {
            steps.add((behavior.mode() == Mode.DRY_RUN ? "Would leave out" : "Left out")
                    + " the settings that the server does not know: " + String.join(", ", found.unknownSettings())
                    + ".");
        }
        steps.add((behavior.mode() == Mode.DRY_RUN ? "Would give" : "Gave")
                + " all databases their names in one transaction, after all were loaded and analyzed.");
    }

    private static long rows(Database database) {
        return database.scan().rows().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private String seconds(Database database) {
        Duration duration = took.get(database);
        return duration == null ? "" : String.format(Locale.ROOT, " in %.1f s", duration.toMillis() / 1000.0);
    }

    private String aside(String database) {
        return RenameTransaction.asideName(database, "before", timestamp);
    }

    // The work

    private void restore(TargetPreflight.Found found) throws IOException, InterruptedException, SQLException {
        try (TargetServer mark = TargetServer.connect(server);
                PassFile login = PassFile.in(
                        scratch, server.password(), server.endpoint().sslKey())) {
            ScratchDatabases.removeThoseOfTheDead(mark, run);
            Map<String, String> environment = new TreeMap<>(server.environment());
            environment.putAll(login.environment());
            DatabaseLoader loader =
                    new DatabaseLoader(tools, environment, options, found.unknownSettings(), scratch, run);
            try (TargetServer target = TargetServer.connect(server)) {
                if (plan.globals().isPresent()) {
                    run.phase("globals");
                    applyGlobals(target, plan.globals().get(), found);
                }
                for (Map.Entry<Database, String> database : temporary.entrySet()) {
                    run.checkpoint();
                    properties(target, database.getKey(), found).create(target, database.getValue());
                }
            }
            load(loader, found);
            run.phase("publish");
            publish(found, mark);
            published = true;
        }
        if (plan.globals().isPresent() && behavior.purpose() != Purpose.REHEARSAL) {
            nextSteps.addAll(RoleSettingsRestore.restore(backup.manifest(), server));
        }
        run.phase("checks");
        check();
    }

    private void applyGlobals(TargetServer target, Globals globals, TargetPreflight.Found found)
            throws BackupException {
        globals.apply(
                target,
                options.roles(),
                behavior.purpose() == Purpose.REHEARSAL
                        ? Globals.TablespaceLocation.IN_PLACE
                        : Globals.TablespaceLocation.ORIGINAL,
                found.unknownSettings());
        globals.notSet().forEach(each -> nextSteps.add("Not set, for the server does not know it: " + each + "."));
        if (!globals.kept().isEmpty() && behavior.purpose() != Purpose.REHEARSAL) {
            nextSteps.add("These roles existed and "
                    + (options.roles() == PostgresRestoreOptions.Roles.KEEP
                            ? "were left as they are: "
                            : "got their former attributes, but for the one that restored: ")
                    + String.join(", ", globals.kept()) + ".");
        }
    }

    private DatabaseProperties properties(TargetServer target, Database database, TargetPreflight.Found found)
            throws SQLException {
        Map<String, String> noted = database.noted();
        DatabaseRow existing = found.databases().get(database.original());
        if (!noted.containsKey("encoding") && existing != null) {
            // A script of pg_dumpall says nothing of postgres and template1 themselves.
            noted = new TreeMap<>(existing.facts());
            for (String comment : target.column(
                    "SELECT description FROM pg_catalog.pg_shdescription WHERE objoid = ?::oid"
                            + " AND classoid = 'pg_catalog.pg_database'::pg_catalog.regclass",
                    Long.toString(existing.oid()))) {
                noted.put(DatabaseProperties.COMMENT, comment);
            }
        }
        return new DatabaseProperties(database.scan(), noted, options.ownership(), found.unknownSettings());
    }

    private void load(DatabaseLoader loader, TargetPreflight.Found found) throws IOException, InterruptedException {
        run.phase("databases");
        StoredArtifact script = plan.script();
        if (script != null) {
            loadScript(loader, script);
        }
        List<ParallelTasks.Task> largestFirst = temporary.keySet().stream()
                .sorted(Comparator.comparingLong(Database::plainBytes).reversed())
                .<ParallelTasks.Task>map(database -> () -> load(loader, database, found))
                .toList();
        new ParallelTasks("restore", options.databasesAtOnce(), run, server::endLeftSessions).execute(largestFirst);
        for (Database database : plan.databases()) {
            lost.getOrDefault(database, List.of())
                    .forEach(each -> nextSteps.add("Set again on database '" + database.name() + "': " + each + "."));
        }
    }

    private void load(DatabaseLoader loader, Database database, TargetPreflight.Found found)
            throws IOException, InterruptedException {
        Instant began = clock.instant();
        String name = temporaryName(database);
        for (StoredArtifact part : database.parts()) {
            loader.load(backup, part, name);
        }
        loader.execute(name, "ANALYZE", database.item());
        try (TargetServer target = TargetServer.connect(server)) {
            lost.put(database, properties(target, database, found).complete(target, name));
        } catch (SQLException e) {
            throw TargetServer.failed(server.endpoint().toString(), e);
        }
        tookSince(began, database);
    }

    private String temporaryName(Database database) {
        return Objects.requireNonNull(temporary.get(database));
    }

    private void tookSince(Instant began, Database database) {
        took.merge(database, Duration.between(began, clock.instant()), Duration::plus);
    }

    private void loadScript(DatabaseLoader loader, StoredArtifact artifact) throws IOException, InterruptedException {
        try (DumpCheck.Opened dump = DumpCheck.open(backup, artifact, run)) {
            new ClusterScriptLoader(
                            loader,
                            temporary,
                            clock,
                            (database, duration) -> took.merge(database, duration, Duration::plus))
                    .load(new ScriptReader(dump.stream(), DumpCheck.target(artifact)));
        }
    }

    /** @param mark the session that shows that we are alive; nobody may be in a database that is renamed */
    private void publish(TargetPreflight.Found found, TargetServer mark) throws BackupException {
        RenameTransaction renames = new RenameTransaction();
        for (Map.Entry<Database, String> entry : temporary.entrySet()) {
            String name = entry.getKey().name();
            if (found.full().contains(name)) {
                String aside = aside(name);
                renames.putAside(name, aside, timestamp);
                nextSteps.add("The former database '" + name + "' is kept as '" + aside
                        + "': drop it when you need it no more, or take the restore back with an undo.");
            } else if (found.databases().containsKey(name) && behavior.purpose() == Purpose.REHEARSAL) {
                renames.putAside(name, aside(name), timestamp);
            } else if (found.databases().containsKey(name)) {
                renames.replaceEmpty(name, entry.getValue() + "_old");
            }
            renames.rename(entry.getValue(), name);
        }
        if (!temporary.isEmpty()) {
            Set<String> left = renames.commit(
                    server,
                    helper(),
                    behavior.consent() == Consent.GIVEN
                            ? RenameTransaction.OpenSessions.ENDED
                            : RenameTransaction.OpenSessions.RESPECTED,
                    mark::close);
            ScratchDatabases.warnOfThoseLeft(server, left, run);
        }
    }

    private String helper() {
        return ScratchDatabases.name(server, 0);
    }

    private void check() throws IOException, InterruptedException, SQLException {
        RestoredChecks restored = new RestoredChecks(server, behavior.purpose(), options.ownership(), run);
        plan.globals().ifPresent(restored::globals);
        for (Database database : plan.databases()) {
            restored.database(database);
        }
        checks.addAll(restored.done());
    }

    /** Removes what was made so far, also on an interrupted thread. */
    private void takeBack() {
        boolean interrupted = Thread.interrupted();
        List<String> made = new ArrayList<>(temporary.values());
        made.add(helper());
        if (interrupted && behavior.purpose() != Purpose.REHEARSAL) {
            run.warn("taking databases back from " + server.endpoint() + ": " + String.join(", ", made)
                    + "; should that be cut off, " + ScratchDatabases.removal(made));
        }
        try {
            TargetServer.awaitRecovery(server);
            server.endLeftSessions();
            try (TargetServer target = TargetServer.connect(server)) {
                ScratchDatabases.warnOfThoseLeft(server, target.dropQuietly(made), run);
                plan.globals().ifPresent(globals -> globals.takeBack(target));
            }
        } catch (BackupException e) {
            run.warn("databases may be left on " + server.endpoint() + ", since it does not answer (" + e.getMessage()
                    + "): " + String.join(", ", made) + "; " + ScratchDatabases.removal(made));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private RestoreReport report() {
        List<ItemResult> items = plan.items().stream()
                .map(item -> ItemResult.done(item, Map.of()))
                .toList();
        return new RestoreReport(items, steps, checks, nextSteps);
    }
}
