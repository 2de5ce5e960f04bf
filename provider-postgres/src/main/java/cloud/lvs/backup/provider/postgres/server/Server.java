package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.provider.postgres.program.PassFile;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PostgreSQL server and who we are there: connects over JDBC, and tells children how to connect. All sessions bear the
 * name of the run, so that those left behind can be found. Immutable.
 */
public final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** How the names of all sessions begin. */
    public static final String APPLICATION = "lvs-backup";

    /** Neither the role's nor a database's own limits end what we do; ours do. */
    private static final String SESSION =
            "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0";

    private final Endpoint endpoint;
    private final Optional<Secret> password;
    private final String run;
    /** Tells two attempts at one run apart, e.g. two restores of one backup. */
    private final String attempt;

    private final String applicationName;

    private Server(Endpoint endpoint, Optional<Secret> password, String run, String attempt) {
        this.endpoint = endpoint;
        this.password = password;
        this.run = run;
        this.attempt = attempt;
        this.applicationName = APPLICATION + "/" + run + "/" + attempt;
    }

    public static Server at(Endpoint endpoint, Optional<Secret> password, RunContext run) {
        return new Server(
                endpoint,
                password,
                run.run().value(),
                UUID.randomUUID().toString().substring(0, 8));
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** The run, as it stands in the name of the sessions. */
    public String run() {
        return run;
    }

    /** What makes the name of the sessions unique: 8 hexadecimal digits. */
    public String attempt() {
        return attempt;
    }

    public Optional<Secret> password() {
        return password;
    }

    /**
     * A new session; the caller closes it.
     *
     * @throws BackupException of kind {@code CREDENTIALS} if the server refuses us, of kind {@code SOURCE} if it cannot be
     *     reached or does not let anybody in, of kind {@code CONFIG} if key or certificate cannot be used
     */
    public Connection connect(String database) throws BackupException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, endpoint.user());
        password.ifPresent(secret -> PGProperty.PASSWORD.set(properties, secret.reveal()));
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        PGProperty.OPTIONS.set(properties, SESSION);
        PGProperty.CONNECT_TIMEOUT.set(properties, 15);
        PGProperty.LOGIN_TIMEOUT.set(properties, 60);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.SSL_MODE.set(properties, endpoint.sslWord());
        if (endpoint.isUnixSocket()) {
            PGProperty.SOCKET_FACTORY.set(properties, UnixSocketFactory.class.getName());
            PGProperty.SOCKET_FACTORY_ARG.set(properties, endpoint.host() + "/.s.PGSQL." + endpoint.port());
        }
        setPath(properties, PGProperty.SSL_ROOT_CERT, endpoint.sslRootCert());
        setPath(properties, PGProperty.SSL_CERT, endpoint.sslCert());
        setPath(properties, PGProperty.SSL_KEY, endpoint.sslKey());
        if (endpoint.sslCert() != null && endpoint.sslKey() != null) {
            ClientCertificateFactory.check(endpoint.sslCert(), endpoint.sslKey());
            PGProperty.SSL_FACTORY.set(properties, ClientCertificateFactory.class.getName());
        }
        try {
            Connection connection = new Driver().connect(url(database), properties);
            if (connection == null) {
                throw new IllegalStateException("the driver does not know its own URL");
            }
            unlimit(connection);
            return connection;
        } catch (SQLException e) {
            throw refused(e, database);
        }
    }

    /** Limits that older servers do not know, so that the session's options cannot name them. */
    private static void unlimit(Connection connection) throws SQLException {
        boolean done = false;
        try {
            column(
                    connection,
                    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings"
                            + " WHERE name IN ('idle_session_timeout', 'transaction_timeout')");
            done = true;
        } finally {
            if (!done) {
                connection.close();
            }
        }
    }

    /** Host, port and database alone: as properties the driver would not heed them. */
    private String url(String database) {
        String host = endpoint.isUnixSocket() ? "localhost" : endpoint.host();
        return "jdbc:postgresql://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.port() + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    private static void setPath(Properties properties, PGProperty property, @Nullable Path path) {
        if (path != null) {
            property.set(properties, path.toString());
        }
    }

    private BackupException refused(SQLException e, String database) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String said = firstLine(e);
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return untrusted(String.valueOf(cause.getMessage()), e);
            }
        }
        // Two refusals of the driver come without such a cause.
        if (said.contains("does not support SSL") || said.contains("hostnameverifier")) {
            return untrusted(said, e);
        }
        return switch (state) {
            case "28P01", "28000" ->
                new BackupException(
                        Kind.CREDENTIALS,
                        endpoint.toString(),
                        "does not let role " + endpoint.user() + " in: " + said,
                        state.equals("28P01")
                                ? "compare password or passwordFile with the role's password"
                                : "look at pg_hba.conf, and whether the role exists and may log in",
                        e);
            case "08004" ->
                new BackupException(
                        Kind.CREDENTIALS,
                        endpoint.toString(),
                        "does not let role " + endpoint.user() + " in: " + said,
                        "set password or passwordFile",
                        e);
            case "3D000" ->
                new BackupException(
                        Kind.SOURCE,
                        endpoint.toString(),
                        "has no database '" + database + "'",
                        database.equals(endpoint.maintenanceDatabase())
                                ? "set maintenanceDatabase to one that exists, e.g. template1"
                                : "it was dropped or renamed meanwhile: run again",
                        e);
            case "42501" ->
                new BackupException(
                        Kind.SOURCE,
                        endpoint.toString(),
                        said,
                        "GRANT CONNECT ON DATABASE " + Quoting.identifier(database) + " TO "
                                + Quoting.identifier(endpoint.user()) + ";",
                        e);
            case "53300" ->
                new BackupException(
                        Kind.SOURCE,
                        endpoint.toString(),
                        "has no connection left for role " + endpoint.user() + ": " + said,
                        "raise the role's CONNECTION LIMIT or max_connections, or lower parallelism",
                        e);
            case "53100" ->
                new BackupException(
                        Kind.SOURCE, endpoint.toString(), said, "free space on the server's disk, then run again", e);
            case "57P03" ->
                new BackupException(Kind.SOURCE, endpoint.toString(), said, "run again when it has started", e);
            case "22023" ->
                new BackupException(
                        Kind.CONFIG,
                        endpoint.toString(),
                        "does not take what the driver tells it of this Java runtime: " + said,
                        "start Java with TZ=UTC if it is the time zone",
                        e);
            default ->
                new BackupException(
                        Kind.SOURCE,
                        endpoint.toString(),
                        "cannot be reached: " + said,
                        "check host and port, that the server runs, and the network between",
                        e);
        };
    }

    private BackupException untrusted(String said, SQLException e) {
        return new BackupException(
                Kind.SOURCE,
                endpoint.toString(),
                "refuses TLS or does not prove itself over it (sslMode " + endpoint.sslWord() + "): " + said,
                "compare sslMode, sslRootCert and the name in the server's certificate with the server's ssl settings",
                e);
    }

    /** An answer that was not given. */
    public BackupException broke(SQLException e) {
        return new BackupException(
                Kind.SOURCE,
                endpoint.toString(),
                "does not answer as it should: " + firstLine(e),
                "see the server's log; run again",
                e);
    }

    /** What the server or driver said, without position and context. */
    public static String firstLine(SQLException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /** What a child needs to connect as we do; besides, it needs the variables of a {@link PassFile}. */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PGHOST", endpoint.host());
        environment.put("PGPORT", Integer.toString(endpoint.port()));
        environment.put("PGUSER", endpoint.user());
        environment.put("PGAPPNAME", applicationName);
        environment.put("PGCONNECT_TIMEOUT", "15");
        // pg_dump does this by itself, pg_dumpall does not.
        environment.put("PGOPTIONS", SESSION);
        environment.put("PGSSLMODE", endpoint.sslWord());
        putPath(environment, "PGSSLROOTCERT", endpoint.sslRootCert());
        putPath(environment, "PGSSLCERT", endpoint.sslCert());
        return environment;
    }

    private static void putPath(Map<String, String> environment, String name, @Nullable Path path) {
        if (path != null) {
            environment.put(name, path.toAbsolutePath().toString());
        }
    }

    /**
     * Ends the sessions of this run that are still there: the backend of a killed client that waits for a lock would wait on.
     * Works on an interrupted thread; what cannot be done is logged.
     */
    public void endLeftSessions() {
        boolean interrupted = Thread.interrupted();
        try (Connection connection = connect(endpoint.maintenanceDatabase());
                PreparedStatement statement =
                        connection.prepareStatement("SELECT count(pg_catalog.pg_terminate_backend(pid))"
                                + " FROM pg_catalog.pg_stat_activity"
                                + " WHERE application_name = ? AND usename = current_user"
                                + " AND pid <> pg_catalog.pg_backend_pid()")) {
            statement.setString(1, applicationName);
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.next() && rows.getInt(1) > 0) {
                    LOG.debug("Ended {} sessions that were left on {}", rows.getInt(1), endpoint);
                }
            }
        } catch (SQLException | BackupException e) {
            LOG.warn("Sessions of {} may be left on {}: {}", applicationName, endpoint, e.getMessage());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs a query that takes no parameters and gives one column of text. */
    public static List<String> column(Connection connection, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
