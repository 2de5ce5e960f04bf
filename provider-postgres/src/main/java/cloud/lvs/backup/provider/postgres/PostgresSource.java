package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.provider.postgres.capture.ClusterCapture;
import cloud.lvs.backup.provider.postgres.capture.DatabaseSelection;
import cloud.lvs.backup.provider.postgres.capture.SourcePreflight;
import cloud.lvs.backup.provider.postgres.dump.AdoptableDumps;
import cloud.lvs.backup.provider.postgres.dump.DumpVerification;
import cloud.lvs.backup.provider.postgres.dump.StoredCluster;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.restore.ClusterRestore;
import cloud.lvs.backup.provider.postgres.restore.RestoreServers;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.PasswordReader;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** One PostgreSQL cluster. */
final class PostgresSource implements Source {
    private final PostgresConfig config;
    private final ProviderContext context;
    private final Programs programs;
    private final Optional<Secret> targetPassword;

    /** @param targetPassword of a server that a restore names by its URL */
    PostgresSource(PostgresConfig config, ProviderContext context, Programs programs, Optional<Secret> targetPassword) {
        this.config = config;
        this.context = context;
        this.programs = programs;
        this.targetPassword = targetPassword;
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        return new SourcePreflight(config, server(run), programs, run).findings();
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException {
        Server server = server(run);
        try (Connection connection = server.connect(server.endpoint().maintenanceDatabase())) {
            return DatabaseSelection.of(config, DatabaseRow.all(connection)).items(config);
        } catch (SQLException e) {
            throw server.broke(e);
        }
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        return new ClusterCapture(config, server(run), programs, context.scratchDirectory(), out, run).capture();
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        return new DumpVerification(backup, programs, run).verify();
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) {
        return AdoptableDumps.adoptable();
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        return new ClusterRestore(config, context, programs, targetPassword, backup, request, run).execute();
    }

    @Override
    public RestoreReport cleanUp(RestoreRequest request, RunContext run) throws IOException {
        PostgresRestoreOptions options =
                request.options() instanceof PostgresRestoreOptions given ? given : PostgresRestoreOptions.DEFAULTS;
        return new RestoreServers(config, context, targetPassword, options, run).cleanUp(request);
    }

    /** Of a script of everything the manifest tells no databases. */
    @Override
    public boolean mayHold(Manifest manifest, String item) {
        return manifest.artifacts().stream().anyMatch(StoredCluster::isScriptOfEverything);
    }

    private Server server(RunContext run) throws BackupException {
        return Server.at(Endpoint.of(config), PasswordReader.read(config, context), run);
    }

    @Override
    public void close() {}
}
