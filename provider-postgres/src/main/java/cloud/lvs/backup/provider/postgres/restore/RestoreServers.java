package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.PasswordReader;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.server.ServerUrl;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** The servers that an operator may name for a restore, and who logs in there. */
public final class RestoreServers {
    private final PostgresConfig config;
    private final ProviderContext context;
    private final Optional<Secret> targetPassword;
    private final PostgresRestoreOptions options;
    private final RunContext run;

    /** @param targetPassword of a server that is named by its URL */
    public RestoreServers(
            PostgresConfig config,
            ProviderContext context,
            Optional<Secret> targetPassword,
            PostgresRestoreOptions options,
            RunContext run) {
        this.config = config;
        this.context = context;
        this.targetPassword = targetPassword;
        this.options = options;
        this.run = run;
    }

    /**
     * Removes the databases that dead restores have left on a server.
     *
     * @throws BackupException of kind {@code CONFIG} if the target of the request is no server
     */
    public RestoreReport cleanUp(RestoreRequest request) throws BackupException {
        Server server;
        if (request.target() instanceof RestoreTarget.Place place) {
            server = at(place);
        } else if (request.target() instanceof RestoreTarget.InPlace) {
            server = configured();
        } else {
            throw new BackupException(
                    Kind.CONFIG,
                    "the clean-up after restores",
                    "needs a server",
                    "name it with --to URL or --in-place");
        }
        try (TargetServer target = TargetServer.connect(server)) {
            return ScratchDatabases.cleanUp(target, request.mode());
        } catch (SQLException e) {
            throw TargetServer.failed(server.endpoint().toString(), e);
        }
    }

    private String user() {
        String user = options.user();
        return user == null ? config.user() : user;
    }

    /** The configured server. */
    Server configured() throws BackupException {
        Endpoint own = Endpoint.of(config);
        return at(new Endpoint(
                own.host(),
                own.port(),
                user(),
                own.maintenanceDatabase(),
                own.sslMode(),
                own.sslRootCert(),
                own.sslCert(),
                own.sslKey()));
    }

    /** A server by its URL. */
    Server at(RestoreTarget.Place place) throws BackupException {
        return at(ServerUrl.parse(place.location(), user()));
    }

    private Server at(Endpoint endpoint) throws BackupException {
        return Server.at(endpoint, password(endpoint), run);
    }

    /** The configured password goes to the configured server alone: another one could be anybody's. */
    private Optional<Secret> password(Endpoint endpoint) throws BackupException {
        Path file = options.passwordFile();
        if (file != null) {
            return Optional.of(PasswordReader.read(file, context));
        }
        boolean own = endpoint.host().equals(config.host())
                && endpoint.port() == config.port()
                && endpoint.user().equals(config.user());
        if (own) {
            return PasswordReader.read(config, context);
        }
        targetPassword.ifPresent(secret -> context.redact(secret.reveal()));
        return targetPassword;
    }
}
