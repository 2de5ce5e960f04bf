package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.load.StatementFilter;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.program.PassFile;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.PreloadedLibraries;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores databases, and the roles they need, to a running server. Each database is loaded under a name of its own and
 * completed there, several at a time; those that are whole get their names at the end, in one transaction. Of one that fails
 * nothing is left.
 */
final class ServerRestore {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRestore.class);

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

    private final ParallelRestore databases;
    private final List<Omission> omissions = new ArrayList<>();

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
        this.databases = new ParallelRestore(backup, plan, server, options, clock, run);
    }

    RestoreReport execute() throws IOException, InterruptedException {
        boolean done = false;
        try {
            TargetPreflight.Found found = look();
            if (behavior.mode() == Mode.EXECUTE) {
                restore(found);
            }
            steps.addAll(new RestoreSteps(plan, server, options, behavior, databases, timestamp).of(found));
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
            StatementFilter filter = new StatementFilter(options.ownership(), found.unknownSettings());
            DatabaseLoader loader = new DatabaseLoader(tools, environment, options, filter, scratch, run);
            if (plan.globals().isPresent()) {
                run.phase("globals");
                try (TargetServer target = TargetServer.connect(server)) {
                    applyGlobals(target, plan.globals().get(), found);
                } catch (BackupException e) {
                    throw behavior.purpose() == Purpose.REHEARSAL && ErrorMessages.isOfStatement(e.problem())
                            ? new BackupException(Kind.VERIFICATION, e.target(), e.problem(), e.remedy(), e)
                            : e;
                }
            }
            run.phase("databases");
            databases.execute(
                    loader,
                    new DatabaseRestore(backup, plan, server, tools, loader, filter, options.onError(), behavior, run),
                    found);
            refuseWhatARehearsalCannotTell();
            refuseIfNoneIsRestored();
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

    /** A server that lacks what the source has says nothing of the backup. */
    private void refuseWhatARehearsalCannotTell() throws BackupException {
        if (behavior.purpose() != Purpose.REHEARSAL) {
            return;
        }
        for (Database database : plan.databases()) {
            Optional<String> lack = Stream.concat(
                            Stream.ofNullable(databases.failed().get(database)).map(BackupException::problem),
                            databases.restored(database).stream()
                                    .flatMap(each -> each.failed().stream())
                                    .map(FailedStatement::reason))
                    .filter(ErrorMessages::isOfWhatTheServerLacks)
                    .findFirst();
            if (lack.isPresent()) {
                String libraries =
                        PreloadedLibraries.of(backup.manifest().source()).libraries();
                throw new BackupException(
                        Kind.CONFIG,
                        "the rehearsal's server",
                        "lacks what database '" + database.original() + "' needs: " + lack.get(),
                        "install it there, or name a server that has it with --set server=URL"
                                + (libraries.isEmpty()
                                        ? ""
                                        : " (the source has shared_preload_libraries = '" + libraries + "')"));
            }
        }
    }

    /** A rehearsal reports what it found; who wanted something and got nothing is told so. */
    private void refuseIfNoneIsRestored() throws BackupException {
        List<BackupException> all = List.copyOf(databases.failed().values());
        if (all.isEmpty() || all.size() < plan.databases().size() || behavior.purpose() == Purpose.REHEARSAL) {
            return;
        }
        BackupException first = all.get(0);
        all.stream().skip(1).forEach(first::addSuppressed);
        if (all.size() == 1) {
            throw first;
        }
        throw new BackupException(
                first.kind(),
                first.target(),
                first.problem() + "; the others failed too: "
                        + all.stream().skip(1).map(BackupException::getMessage).collect(Collectors.joining("; ")),
                first.remedy(),
                first);
    }

    private void applyGlobals(TargetServer target, Globals globals, TargetPreflight.Found found)
            throws BackupException {
        List<FailedStatement> failed = globals.apply(
                target,
                options.roles(),
                options.onError(),
                behavior.purpose() == Purpose.REHEARSAL
                        ? Globals.TablespaceLocation.IN_PLACE
                        : Globals.TablespaceLocation.ORIGINAL,
                found.unknownSettings());
        failed.forEach(each -> omissions.add(omission(ItemNames.CLUSTER, each)));
        globals.notSet().forEach(each -> nextSteps.add("Not set, for the server does not know it: " + each + "."));
        if (!globals.kept().isEmpty() && behavior.purpose() != Purpose.REHEARSAL) {
            nextSteps.add("These roles existed and "
                    + (options.roles() == PostgresRestoreOptions.Roles.KEEP
                            ? "were left as they are: "
                            : "got their former attributes, but for the one that restored: ")
                    + String.join(", ", globals.kept()) + ".");
        }
    }

    /** @param mark the session that shows that we are alive; nobody may be in a database that is renamed */
    private void publish(TargetPreflight.Found found, TargetServer mark) throws BackupException {
        RenameTransaction renames = new RenameTransaction();
        List<Database> restored = plan.databases().stream()
                .filter(each -> databases.restored(each).isPresent())
                .toList();
        for (Database database : restored) {
            String name = database.name();
            String temporary = databases.temporaryName(database);
            if (found.full().contains(name)) {
                String aside = aside(name);
                renames.putAside(name, aside, timestamp);
                nextSteps.add("The former database '" + name + "' is kept as '" + aside
                        + "': drop it when you need it no more, or take the restore back with an undo.");
            } else if (found.databases().containsKey(name) && behavior.purpose() == Purpose.REHEARSAL) {
                renames.putAside(name, aside(name), timestamp);
            } else if (found.databases().containsKey(name)) {
                renames.replaceEmpty(name, temporary + "_old");
            }
            renames.rename(temporary, name);
        }
        if (!restored.isEmpty()) {
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
        RestoredChecks compared = new RestoredChecks(server, behavior.purpose(), options.ownership(), run);
        plan.globals().ifPresent(compared::globals);
        for (Database database : plan.databases()) {
            Optional<DatabaseRestore.Restored> there = databases.restored(database);
            if (there.isPresent()) {
                nextSteps.addAll(there.get().nextSteps());
                compared.database(database, there.get().failed());
                there.get().failed().forEach(each -> omissions.add(omission(database.item(), each)));
            } else if (behavior.purpose() == Purpose.REHEARSAL) {
                checks.add(Check.failed(
                        "restore " + database.item(),
                        Objects.requireNonNull(databases.failed().get(database)).problem()));
            }
        }
        checks.addAll(compared.done());
    }

    /** Removes what was made so far, also on an interrupted thread. */
    private void takeBack() {
        boolean interrupted = Thread.interrupted();
        List<String> made = new ArrayList<>(databases.temporaryNames());
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

    private static Omission omission(String item, FailedStatement failed) {
        return new Omission(item, failed.object(), failed.reason(), failed.sql());
    }

    private RestoreReport report() {
        Map<String, ItemResult> items = new LinkedHashMap<>();
        plan.items().forEach(item -> items.put(item, ItemResult.done(item, Map.of())));
        databases
                .failed()
                .forEach((database, why) -> items.put(database.item(), ItemResult.failed(database.item(), why)));
        return new RestoreReport(List.copyOf(items.values()), steps, checks, nextSteps, omissions);
    }
}
