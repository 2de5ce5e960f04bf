package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.program.ScratchCluster;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.PreloadedLibraries;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts a backup of a cluster where it is wanted. */
public final class ClusterRestore {
    /** Where questions about the whole cluster are asked in a rehearsal. */
    private static final String REHEARSAL_DATABASE = "lvs_rehearsal";

    private final PostgresConfig config;
    private final ProviderContext context;
    private final Programs programs;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final PostgresRestoreOptions options;
    private final RestoreServers servers;
    private final RunContext run;

    public ClusterRestore(
            PostgresConfig config,
            ProviderContext context,
            Programs programs,
            Optional<Secret> targetPassword,
            BackupReader backup,
            RestoreRequest request,
            RunContext run) {
        this.config = config;
        this.context = context;
        this.programs = programs;
        this.backup = backup;
        this.request = request;
        this.options =
                request.options() instanceof PostgresRestoreOptions given ? given : PostgresRestoreOptions.DEFAULTS;
        this.servers = new RestoreServers(config, context, targetPassword, options, run);
        this.run = run;
    }

    public RestoreReport execute() throws IOException, InterruptedException {
        if (request.target() instanceof RestoreTarget.Place place) {
            return toServer(servers.at(place), Purpose.PLACE);
        }
        if (request.target() instanceof RestoreTarget.Scratch rehearsal) {
            return rehearse(rehearsal.directory());
        }
        if (request.target() instanceof RestoreTarget.Undo) {
            requireConsent("takes the last restore back");
            return new RestoreUndo(servers.configured(), request.mode()).execute();
        }
        requireConsent("replaces databases; what is there is kept under another name");
        return toServer(servers.configured(), Purpose.IN_PLACE);
    }

    private void requireConsent(String effect) throws BackupException {
        if (request.consent() != Consent.GIVEN && request.mode() == Mode.EXECUTE) {
            throw new BackupException(
                    Kind.CONFIG,
                    Endpoint.of(config).toString(),
                    "is in use, and this " + effect,
                    "give your consent (--yes), or restore to another server (--to URL)");
        }
    }

    // What

    private RestoreReport toServer(Server server, Purpose purpose) throws IOException, InterruptedException {
        RestorePrograms tools = RestorePrograms.reading(backup.manifest(), programs, run);
        run.phase("fetch");
        RestorePlan plan = RestorePlan.of(backup, request, options, tools, run);
        return restore(server, purpose, tools, plan);
    }

    private RestoreBehavior behavior(Purpose purpose) {
        BackupId id = backup.manifest().id();
        String target = request.target() instanceof RestoreTarget.Place place
                ? "--to " + RestoreBehavior.argument(place.location())
                : purpose == Purpose.IN_PLACE ? "--in-place --yes" : "--to URL";
        return new RestoreBehavior(
                purpose, request.consent(), request.mode(), "restore " + id + " -j " + id.job() + " " + target);
    }

    private RestoreReport restore(Server server, Purpose purpose, RestorePrograms tools, RestorePlan plan)
            throws IOException, InterruptedException {
        if (options.table() != null && purpose != Purpose.REHEARSAL) {
            return new TableRestore(
                            backup,
                            plan,
                            server,
                            tools,
                            programs,
                            options,
                            behavior(purpose),
                            context.scratchDirectory(),
                            run)
                    .execute();
        }
        return new ServerRestore(
                        backup,
                        plan,
                        server,
                        tools,
                        options,
                        behavior(purpose),
                        context.scratchDirectory(),
                        context.clock(),
                        run)
                .execute();
    }

    // A rehearsal

    private RestoreReport rehearse(Path directory) throws IOException, InterruptedException {
        RestorePrograms tools = RestorePrograms.reading(backup.manifest(), programs, run);
        String url = options.server();
        if (url != null) {
            run.phase("fetch");
            RestorePlan plan = RestorePlan.of(backup, request, options, tools, run);
            Server server = servers.at(new RestoreTarget.Place(url));
            return new ServerRehearsal(
                            server, plan, request.mode(), () -> restore(server, Purpose.REHEARSAL, tools, plan), run)
                    .execute();
        }
        Installation installation = programs.oldestFor(
                tools.installation().version(),
                run,
                Programs.INITDB,
                Programs.POSTGRES,
                Programs.PG_RESTORE,
                Programs.PSQL);
        if (request.mode() == Mode.DRY_RUN) {
            return plannedRehearsal(installation);
        }
        run.phase("fetch");
        RestorePlan plan = RestorePlan.of(backup, request, options, tools, run);
        run.phase("initdb");
        Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        try (ScratchCluster cluster = ScratchCluster.start(
                directory,
                context.scratchDirectory(),
                temporary,
                installation,
                PreloadedLibraries.of(backup.manifest().source()),
                run)) {
            RestoreReport report = restore(rehearsalServer(cluster), Purpose.REHEARSAL, tools, plan);
            return new RestoreReport(report.items(), report.steps(), report.checks(), List.of(), report.omissions());
        }
    }

    /** Nobody is in {@code postgres}, so that it can have its name while an extension asks for it. */
    private Server rehearsalServer(ScratchCluster cluster) throws BackupException {
        Endpoint own = cluster.endpoint();
        try (TargetServer target = TargetServer.connect(Server.at(own, Optional.empty(), run))) {
            target.execute("CREATE DATABASE " + REHEARSAL_DATABASE + " TEMPLATE template0");
        } catch (SQLException e) {
            throw TargetServer.failed("the rehearsal's server", e);
        }
        return Server.at(own.with(REHEARSAL_DATABASE), Optional.empty(), run);
    }

    private RestoreReport plannedRehearsal(Installation installation) throws BackupException {
        List<ItemResult> items = backup.manifest().items().stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .map(item -> ItemResult.done(item.item(), Map.of()))
                .toList();
        return new RestoreReport(
                items,
                List.of(
                        "Read every dump to its end and check that it is whole.",
                        "Make a cluster of version " + installation.version()
                                + " with initdb, reachable through a private" + " socket alone.",
                        "Restore roles, tablespaces and all databases to it as to any server.",
                        "Compare roles, properties and the rows of every table with the backup.",
                        "Stop the server and remove it."),
                List.of(),
                List.of());
    }
}
