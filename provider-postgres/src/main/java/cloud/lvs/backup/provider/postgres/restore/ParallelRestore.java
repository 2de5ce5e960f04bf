package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.load.LoadedDatabase.Occupied;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.program.ParallelTasks;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the databases of a plan under names for the time being, several at once, the largest first. One that fails is removed
 * and keeps no other from being loaded.
 */
final class ParallelRestore {
    private static final Logger LOG = LoggerFactory.getLogger(ParallelRestore.class);

    private final BackupReader backup;
    private final RestorePlan plan;
    private final Server server;
    private final PostgresRestoreOptions options;
    private final Clock clock;
    private final RunContext run;

    private final Map<Database, String> temporary = new LinkedHashMap<>();
    /** How long each database took to load; those of a script one after the other, the rest side by side. */
    private final Map<Database, Duration> took = new ConcurrentHashMap<>();

    private final Map<Database, DatabaseRestore.Restored> restored = new ConcurrentHashMap<>();
    /** In the order in which that was found out. */
    private final Map<Database, BackupException> failed = Collections.synchronizedMap(new LinkedHashMap<>());

    ParallelRestore(
            BackupReader backup,
            RestorePlan plan,
            Server server,
            PostgresRestoreOptions options,
            Clock clock,
            RunContext run) {
        this.backup = backup;
        this.plan = plan;
        this.server = server;
        this.options = options;
        this.clock = clock;
        this.run = run;
        int count = 0;
        for (Database database : plan.databases()) {
            temporary.put(database, ScratchDatabases.name(server, ++count));
        }
    }

    /** The names for the time being. */
    Collection<String> temporaryNames() {
        return temporary.values();
    }

    String temporaryName(Database database) {
        return Objects.requireNonNull(temporary.get(database));
    }

    /** What is there, unless it failed. */
    Optional<DatabaseRestore.Restored> restored(Database database) {
        return Optional.ofNullable(restored.get(database));
    }

    /** Those that could not be restored, the first one first. */
    Map<Database, BackupException> failed() {
        return failed;
    }

    /** How long it took, if it was loaded. */
    Optional<Duration> took(Database database) {
        return Optional.ofNullable(took.get(database));
    }

    private DatabaseProperties properties(Database database, TargetPreflight.Found found)
            throws BackupException, SQLException {
        Map<String, String> noted = database.noted();
        DatabaseRow existing = found.databases().get(database.original());
        if (!noted.containsKey("encoding") && existing != null) {
            // A script of pg_dumpall says nothing of postgres and template1 themselves.
            noted = new TreeMap<>(existing.facts());
            try (TargetServer target = TargetServer.connect(server)) {
                for (String comment : target.column(
                        "SELECT description FROM pg_catalog.pg_shdescription WHERE objoid = ?::oid"
                                + " AND classoid = 'pg_catalog.pg_database'::pg_catalog.regclass",
                        Long.toString(existing.oid()))) {
                    noted.put(DatabaseProperties.COMMENT, comment);
                }
            }
        }
        return new DatabaseProperties(database.scan(), noted, options.ownership(), found.unknownSettings());
    }

    private DatabaseRestore.Place place(Database database, TargetPreflight.Found found) throws IOException {
        Occupied occupied = found.full().contains(database.name())
                ? Occupied.BY_A_DATABASE_IN_USE
                : found.databases().containsKey(database.name()) ? Occupied.BY_AN_EMPTY_DATABASE : Occupied.NO;
        try {
            return new DatabaseRestore.Place(database, properties(database, found), temporaryName(database), occupied);
        } catch (SQLException e) {
            throw TargetServer.failed("the restore of '" + database.item() + "'", e);
        }
    }

    /** Loads all of them. */
    void execute(DatabaseLoader loader, DatabaseRestore restore, TargetPreflight.Found found)
            throws IOException, InterruptedException {
        Map<Database, ParallelTasks.Task> tasks = new LinkedHashMap<>();
        StoredArtifact script = plan.script();
        if (script == null) {
            plan.databases()
                    .forEach(database ->
                            tasks.put(database, () -> restored.put(database, restore.restore(place(database, found)))));
        } else {
            Map<Database, BackupException> refused = loadScript(loader, restore, script, found);
            for (Database database : plan.databases()) {
                BackupException why = refused.get(database);
                tasks.put(
                        database,
                        () -> restored.put(
                                database,
                                why == null
                                        ? restore.completed(place(database, found))
                                        : restore.again(place(database, found), why)));
            }
        }
        List<ParallelTasks.Task> largestFirst = tasks.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Database, ParallelTasks.Task> each) ->
                                each.getKey().plainBytes())
                        .reversed())
                .<ParallelTasks.Task>map(each -> () -> alone(each.getKey(), each.getValue()))
                .toList();
        new ParallelTasks("restore", options.databasesAtOnce(), run, server::endLeftSessions).execute(largestFirst);
        if (!restored.isEmpty()
                && failed.values().stream().anyMatch(each -> ErrorMessages.isLostConnection(each.problem()))) {
            TargetServer.awaitRecovery(server);
        }
    }

    /** Restores one database; if that fails, the others do not know. */
    private void alone(Database database, ParallelTasks.Task task) throws IOException, InterruptedException {
        Instant began = clock.instant();
        try {
            task.execute();
            tookSince(began, database);
        } catch (BackupException e) {
            run.checkpoint();
            if (e.kind() == Kind.CANCELLED) {
                throw e;
            }
            failed.put(database, e);
            takeBackQuietly(temporaryName(database));
        }
    }

    /** Makes room at once; what cannot be removed now is at the end. */
    private void takeBackQuietly(String name) {
        try (TargetServer target = TargetServer.connect(server)) {
            target.dropQuietly(List.of(name));
        } catch (BackupException e) {
            LOG.debug("{} cannot be removed from {} yet: {}", name, server.endpoint(), e.getMessage());
        }
    }

    private void tookSince(Instant began, Database database) {
        took.merge(database, Duration.between(began, clock.instant()), Duration::plus);
    }

    /** Makes the databases and loads them one after the other; gives those that failed. */
    private Map<Database, BackupException> loadScript(
            DatabaseLoader loader, DatabaseRestore restore, StoredArtifact artifact, TargetPreflight.Found found)
            throws IOException, InterruptedException {
        Map<Database, BackupException> refused = new LinkedHashMap<>();
        Map<Database, String> made = new LinkedHashMap<>();
        for (Database database : plan.databases()) {
            run.checkpoint();
            try {
                restore.create(place(database, found));
                made.put(database, temporaryName(database));
            } catch (BackupException e) {
                refused.put(database, e);
            }
        }
        try (DumpCheck.Opened dump = DumpCheck.open(backup, artifact, run)) {
            refused.putAll(new ClusterScriptLoader(
                            loader, made, clock, (database, duration) -> took.merge(database, duration, Duration::plus))
                    .load(new ScriptReader(dump.stream(), DumpCheck.target(artifact))));
        }
        return refused;
    }
}
