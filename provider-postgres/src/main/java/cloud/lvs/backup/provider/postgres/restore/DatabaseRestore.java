package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.OnError;
import cloud.lvs.backup.provider.postgres.dump.ClusterScript;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.DumpGrammar.Treatment;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.load.DormantJobs;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.load.LoadedDatabase;
import cloud.lvs.backup.provider.postgres.load.LoadedDatabase.Occupied;
import cloud.lvs.backup.provider.postgres.load.StatementFilter;
import cloud.lvs.backup.provider.postgres.load.StatementLoader;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Restores one database under a name for the time being: by the programs of PostgreSQL in one go, and if a statement fails,
 * once more statement by statement.
 */
final class DatabaseRestore {
    private static final int MOST_TOLD = 5;
    private static final Pattern SEARCH_PATH =
            Pattern.compile("ALTER DATABASE .* SET search_path (?:TO|=) ([^;]+);", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"]|\"\")+\"\\.\"(?:[^\"]|\"\")+\"");

    private final BackupReader backup;
    private final RestorePlan plan;
    private final Server server;
    private final RestorePrograms tools;
    private final DatabaseLoader loader;
    private final StatementFilter filter;
    private final OnError onError;
    private final RestoreBehavior behavior;
    private final RunContext run;

    DatabaseRestore(
            BackupReader backup,
            RestorePlan plan,
            Server server,
            RestorePrograms tools,
            DatabaseLoader loader,
            StatementFilter filter,
            OnError onError,
            RestoreBehavior behavior,
            RunContext run) {
        this.backup = backup;
        this.plan = plan;
        this.server = server;
        this.tools = tools;
        this.loader = loader;
        this.filter = filter;
        this.onError = onError;
        this.behavior = behavior;
        this.run = run;
    }

    /**
     * A database that is there, under its name for the time being.
     *
     * @param failed what did not take effect
     * @param steps what was done that is not done with every database
     * @param nextSteps what is left to the operator
     */
    record Restored(List<FailedStatement> failed, List<String> steps, List<String> nextSteps) {}

    /** What a database is to be, and under which name it is made. */
    record Place(Database database, DatabaseProperties properties, String loadedAs, Occupied occupied) {}

    /**
     * Makes the database and loads it.
     *
     * @throws BackupException if it cannot be there as it should
     */
    Restored restore(Place place) throws IOException, InterruptedException {
        Progress progress = new Progress();
        create(place, progress);
        try {
            for (StoredArtifact part : place.database().parts()) {
                loader.load(backup, part, place.loadedAs());
            }
        } catch (BackupException e) {
            return again(place, e);
        }
        return complete(place, progress);
    }

    /** Goes on with one whose contents came out of a script of everything. */
    Restored completed(Place place) throws IOException, InterruptedException {
        return complete(place, new Progress());
    }

    /**
     * Tries once more, statement by statement.
     *
     * @param why what the first try failed with
     * @throws BackupException that very one if another try is of no use
     */
    Restored again(Place place, BackupException why) throws IOException, InterruptedException {
        run.checkpoint();
        if (why.kind() != Kind.FAILED || !ErrorMessages.isOfStatement(why.problem())) {
            throw why;
        }
        Progress progress = new Progress();
        progress.steps.add("Loaded database '" + place.database().name()
                + "' statement by statement, for in one go it did not load: " + why.problem() + ".");
        try (TargetServer target = TargetServer.connect(server)) {
            target.dropQuietly(List.of(place.loadedAs()));
        }
        create(place, progress);
        try (StatementLoader statements = new StatementLoader(loaded(place), filter, run)) {
            read(place.database(), statements);
            for (FailedStatement each : statements.finish()) {
                if (each.cause() == FailedStatement.Cause.ROWS_LEFT_OUT) {
                    progress.nextSteps.add("In database '" + place.database().name() + "', " + each.object()
                            + " asks for rows that the backup leaves out (excludeTableData): " + each.reason() + ".");
                } else {
                    progress.failed.add(each);
                }
            }
        }
        return complete(place, progress);
    }

    /** What is known so far. */
    private static final class Progress {
        private final List<FailedStatement> failed = new ArrayList<>();
        private final List<String> steps = new ArrayList<>();
        private final List<String> nextSteps = new ArrayList<>();
    }

    /** Makes the database, to be loaded by others and then {@link #completed}. */
    void create(Place place) throws BackupException {
        create(place, new Progress());
    }

    private void create(Place place, Progress progress) throws BackupException {
        try (TargetServer target = TargetServer.connect(server)) {
            place.properties().create(target, place.loadedAs(), progress.failed);
        } catch (SQLException e) {
            throw TargetServer.failed("the restore of '" + place.database().item() + "'", e);
        }
    }

    private LoadedDatabase loaded(Place place) {
        Database database = place.database();
        return new LoadedDatabase(
                server,
                database.item(),
                place.loadedAs(),
                database.name(),
                place.occupied(),
                searchPath(database),
                withoutRows(database));
    }

    private static String searchPath(Database database) {
        return database.scan().properties().stream()
                .map(SEARCH_PATH::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElse("\"$user\", public");
    }

    private static Set<String> withoutRows(Database database) {
        Set<String> tables = new TreeSet<>();
        Matcher each = QUOTED.matcher(database.noted().getOrDefault("excludedTableData", ""));
        while (each.find()) {
            tables.add(each.group());
        }
        return tables;
    }

    private void read(Database database, StatementLoader statements) throws IOException, InterruptedException {
        StoredArtifact everything = plan.script();
        if (everything != null) {
            try (DumpCheck.Opened dump = DumpCheck.open(backup, everything, run)) {
                ClusterScript script = new ClusterScript(new ScriptReader(dump.stream(), DumpCheck.target(everything)));
                Optional<String> wanted = Optional.of(database.original());
                for (Token token = script.next(); token != Token.END; token = script.next()) {
                    if (script.database().equals(wanted) && script.treatment() == Treatment.RUN) {
                        statements.accept(token, script.reader());
                    }
                }
            }
        }
        for (StoredArtifact part : database.parts()) {
            try (DumpCheck.Opened dump = DumpCheck.open(backup, part, run)) {
                if (dump.form() == DumpCheck.Form.ARCHIVE) {
                    new DumpCheck(backup, tools, run).asScript(dump.stream(), part, script -> read(script, statements));
                } else {
                    read(new ScriptReader(dump.stream(), DumpCheck.target(part)), statements);
                }
            }
        }
    }

    private static void read(ScriptReader script, StatementLoader statements) throws IOException, InterruptedException {
        for (Token token = script.next(); token != Token.END; token = script.next()) {
            statements.accept(token, script);
        }
    }

    private Restored complete(Place place, Progress progress) throws IOException, InterruptedException {
        Database database = place.database();
        if (behavior.purpose() != Purpose.REHEARSAL) {
            try (TargetServer inside = TargetServer.connect(server, place.loadedAs())) {
                progress.nextSteps.addAll(DormantJobs.putToSleep(inside.connection(), database.name()));
            } catch (SQLException e) {
                throw TargetServer.failed("the restore of '" + database.item() + "'", e);
            }
        }
        try {
            loader.execute(place.loadedAs(), "ANALYZE", database.item());
        } catch (BackupException e) {
            if (!ErrorMessages.isOfStatement(e.problem())) {
                throw e;
            }
            progress.nextSteps.add("Analyze database '" + database.name() + "', which failed: " + e.problem() + ".");
        }
        try (TargetServer target = TargetServer.connect(server)) {
            place.properties()
                    .complete(target, place.loadedAs(), progress.failed)
                    .forEach(each ->
                            progress.nextSteps.add("Set again on database '" + database.name() + "': " + each + "."));
        } catch (SQLException e) {
            throw TargetServer.failed("the restore of '" + database.item() + "'", e);
        }
        if (!progress.failed.isEmpty() && onError == OnError.STOP) {
            throw new BackupException(
                    Kind.FAILED,
                    "the restore of '" + database.item() + "'",
                    FailedStatement.inWords(progress.failed, MOST_TOLD),
                    behavior.again("--item " + RestoreBehavior.argument(database.item()) + " --set onError=continue")
                            + " restores it without that");
        }
        return new Restored(progress.failed, progress.steps, progress.nextSteps);
    }
}
