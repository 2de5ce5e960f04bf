package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens and who logs in there.
 *
 * @param host name, address, or the directory of a Unix socket
 * @param port of the server
 * @param user the role
 * @param maintenanceDatabase where questions about the whole cluster are asked
 * @param sslMode how the connection is protected
 * @param sslRootCert PEM certificates of authorities, or null
 * @param sslCert the client's certificate, or null
 * @param sslKey the client's key, or null
 */
public record Endpoint(
        String host,
        int port,
        String user,
        String maintenanceDatabase,
        SslMode sslMode,
        @Nullable Path sslRootCert,
        @Nullable Path sslCert,
        @Nullable Path sslKey) {

    public static Endpoint of(PostgresConfig config) {
        return new Endpoint(
                config.host(),
                config.port(),
                config.user(),
                config.maintenanceDatabase(),
                config.sslMode(),
                config.sslRootCert(),
                config.sslCert(),
                config.sslKey());
    }

    /** The same, with questions about the whole cluster asked in another database. */
    public Endpoint with(String otherMaintenanceDatabase) {
        return new Endpoint(host, port, user, otherMaintenanceDatabase, sslMode, sslRootCert, sslCert, sslKey);
    }

    boolean isUnixSocket() {
        return host.startsWith("/");
    }

    /** As libpq and the driver spell it. */
    String sslWord() {
        return isUnixSocket()
                ? "disable"
                : sslMode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** For messages. */
    @Override
    public String toString() {
        return "PostgreSQL server " + (isUnixSocket() ? host + "/.s.PGSQL." + port : host + ':' + port);
    }
}
