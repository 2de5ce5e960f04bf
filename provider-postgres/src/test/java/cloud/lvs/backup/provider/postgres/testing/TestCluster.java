package cloud.lvs.backup.provider.postgres.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A real PostgreSQL server with a cluster of its own, listening on a private Unix socket and on 127.0.0.1. Fast rather
 * than durable. It runs as an ordinary user also when the tests run as root, and goes away with everything it wrote when
 * closed, at the latest with the JVM. Used from one thread.
 */
public final class TestCluster implements AutoCloseable {
    /** The superuser that {@code initdb} makes. */
    public static final String SUPERUSER = "postgres";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ATTEMPTS_AT_A_PORT = 5;

    /** What {@code postmaster.pid} says when sessions are let in; the second of a standby. */
    private static final Pattern READY = Pattern.compile("\\b(ready|standby)\\b");

    private final PostgresBinaries binaries;
    private final Path directory;
    private final Map<String, String> settings;
    private final @Nullable String password;
    private final Thread atExit = new Thread(this::closeAtExit);
    private int port;
    private @Nullable Process server;

    /** How a server is told to stop; as in {@code pg_ctl stop -m}. */
    public enum StopMode {
        /** Ends sessions, then stops cleanly. */
        FAST("INT"),
        /** Stops as in a crash: sessions are cut off, and the next start recovers. */
        IMMEDIATE("QUIT");

        private final String signal;

        StopMode(String signal) {
            this.signal = signal;
        }
    }

    /** What a cluster is to be like; by default of the installed version, in UTF-8, trusting everybody. */
    public static final class Plan {
        private PostgresBinaries binaries = PostgresBinaries.installed();
        private @Nullable String password;
        private @Nullable TestCluster primary;
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final List<String> initdb = new ArrayList<>();

        private Plan() {}

        /** Uses another version. */
        public Plan binaries(PostgresBinaries other) {
            binaries = other;
            return this;
        }

        /** Sets what {@code postgresql.conf} would. */
        public Plan setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** Adds an option of {@code initdb}, e.g. {@code --data-checksums}. */
        public Plan initdb(String option) {
            initdb.add(option);
            return this;
        }

        /** Demands a password (SCRAM) of everybody; this is the superuser's. */
        public Plan password(String ofSuperuser) {
            password = ofSuperuser;
            return this;
        }

        /** Makes it a hot standby of a running cluster that trusts everybody, which has to outlive it. */
        public Plan standbyOf(TestCluster cluster) {
            primary = cluster;
            return this;
        }

        /** Makes the cluster and starts its server. */
        public TestCluster start() {
            TestCluster cluster = new TestCluster(this);
            try {
                if (primary == null) {
                    cluster.initialize(initdb);
                } else {
                    cluster.follow(primary);
                }
                cluster.start();
                return cluster;
            } catch (RuntimeException e) {
                cluster.close();
                throw e;
            }
        }
    }

    private TestCluster(Plan plan) {
        this.binaries = plan.binaries;
        this.password = plan.password;
        this.settings = new LinkedHashMap<>(plan.settings);
        try {
            this.directory = ServerUser.newDirectory();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** A plan to be changed and started. */
    public static Plan plan() {
        return new Plan();
    }

    /** A cluster of the installed version that trusts everybody. */
    public static TestCluster running() {
        return plan().start();
    }

    private void initialize(List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                binaries.program("initdb").toString(),
                "--pgdata=" + data(),
                "--username=" + SUPERUSER,
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync"));
        command.addAll(options);
        try {
            if (password == null) {
                command.add("--auth=trust");
            } else {
                Path file = Files.writeString(directory.resolve("password"), password);
                ServerUser.own(file);
                command.add("--auth=scram-sha-256");
                command.add("--pwfile=" + file);
            }
            Path log = directory.resolve("initdb.log");
            if (await(spawn(command, log)) != 0) {
                throw new IllegalStateException("initdb failed: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a running cluster as it is, and has the copy receive from it what comes. */
    private void follow(TestCluster primary) {
        Path log = directory.resolve("pg_basebackup.log");
        List<String> command = List.of(
                binaries.program("pg_basebackup").toString(),
                "--pgdata=" + data(),
                "--host=" + primary.directory,
                "--port=" + primary.port,
                "--username=" + SUPERUSER,
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync");
        try {
            if (await(spawn(command, log)) != 0) {
                throw new IllegalStateException("pg_basebackup failed: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server again after {@link #stop}, with the same port. */
    public void start() {
        for (int attempt = 1; ; attempt++) {
            if (port == 0) {
                port = freePort();
            }
            List<String> command =
                    new ArrayList<>(List.of(binaries.program("postgres").toString(), "-D", data().toString()));
            Map<String, String> all = new LinkedHashMap<>(Map.of(
                    "fsync", "off",
                    "synchronous_commit", "off",
                    "full_page_writes", "off",
                    "listen_addresses", "127.0.0.1",
                    "port", Integer.toString(port),
                    "unix_socket_directories", directory.toString(),
                    "shared_buffers", "32MB",
                    "max_connections", "40",
                    "timezone", "UTC"));
            all.putAll(settings);
            all.forEach((name, value) -> {
                command.add("-c");
                command.add(name + "=" + value);
            });
            server = spawn(command, log());
            if (awaitReady(server)) {
                return;
            }
            if (attempt == ATTEMPTS_AT_A_PORT || !logText().contains("could not bind")) {
                throw new IllegalStateException("the server did not start: " + logText());
            }
            port = 0;
        }
    }

    private boolean awaitReady(Process starting) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Path pidFile = data().resolve("postmaster.pid");
        while (System.nanoTime() < end) {
            if (!starting.isAlive()) {
                return false;
            }
            try {
                if (Files.exists(pidFile)
                        && READY.matcher(Files.readString(pidFile)).find()) {
                    return true;
                }
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (IOException halfWritten) {
                // The next round reads it whole.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    /** Stops the server and waits until it has stopped. */
    public void stop(StopMode mode) {
        Process running = server;
        server = null;
        if (running == null) {
            return;
        }
        if (running.isAlive()) {
            signal(running, mode.signal);
        }
        await(running);
    }

    /** Stops the server and starts it again. */
    public void restart(StopMode mode) {
        stop(mode);
        start();
    }

    /** The directory of the Unix socket: what libpq takes for a host. */
    public Path socketDirectory() {
        return directory;
    }

    /** The port on 127.0.0.1, and of the Unix socket. */
    public int port() {
        return port;
    }

    /** The data directory. */
    public Path data() {
        return directory.resolve("data");
    }

    /** The version the cluster runs. */
    public PostgresBinaries binaries() {
        return binaries;
    }

    /** What {@code restore --to} takes: {@code postgresql://postgres@127.0.0.1:PORT/}. */
    public String url() {
        return "postgresql://" + SUPERUSER + "@127.0.0.1:" + port + "/";
    }

    /** What the server has logged so far. */
    public String logText() {
        try {
            return Files.readString(log(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new empty directory that the server may use, e.g. for a tablespace; removed with the cluster. */
    public Path newDirectory(String name) {
        try {
            Path made = Files.createDirectory(directory.resolve(name));
            ServerUser.own(made);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection of the superuser. */
    public Connection connect(String database) throws SQLException {
        return connect(database, SUPERUSER, password);
    }

    /** A connection of somebody. */
    public Connection connect(String database, String user, @Nullable String withPassword) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        if (withPassword != null) {
            properties.setProperty("password", withPassword);
        }
        String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8);
        Connection connection = new Driver().connect("jdbc:postgresql://127.0.0.1:" + port + "/" + encoded, properties);
        if (connection == null) {
            throw new SQLException("the driver did not take the URL");
        }
        return connection;
    }

    /** Executes statements in a database as the superuser, each on its own. */
    public void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("in database " + database + ": " + e.getMessage(), e);
        }
    }

    /** The rows a query gives, each as its columns joined by {@code |}, null as {@code ∅}. */
    public List<String> query(String database, String sql) {
        return query(database, List.of(sql));
    }

    /** The rows that several queries give in one session, one after the other. */
    public List<String> query(String database, List<String> queries) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            List<String> lines = new ArrayList<>();
            for (String sql : queries) {
                addRows(statement, sql, lines);
            }
            return lines;
        } catch (SQLException e) {
            throw new IllegalStateException("in database " + database + ": " + e.getMessage(), e);
        }
    }

    private static void addRows(Statement statement, String sql, List<String> lines) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    String value = rows.getString(column);
                    values.add(value == null ? "∅" : value);
                }
                lines.add(String.join("|", values));
            }
        }
    }

    /** The names of all databases but {@code template0}, in order. */
    public List<String> databases() {
        return query("postgres", "SELECT datname FROM pg_database WHERE datname <> 'template0' ORDER BY datname");
    }

    /** Stops the server at once and removes everything. */
    @Override
    public void close() {
        discard();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void closeAtExit() {
        discard();
    }

    private void discard() {
        stop(StopMode.IMMEDIATE);
        ServerUser.deleteTree(directory);
    }

    private Path log() {
        return directory.resolve("server.log");
    }

    private Process spawn(List<String> command, Path log) {
        ProcessBuilder builder = new ProcessBuilder(ServerUser.command(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG"));
        environment.put("LC_ALL", "C.UTF-8");
        environment.put("TZ", "UTC");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(Process process, String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a process also on an interrupted thread, whose interrupt it keeps. */
    private static int await(Process process) {
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                try {
                    if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        process.destroyForcibly();
                        throw new IllegalStateException("process " + process.pid() + " does not end");
                    }
                    return process.exitValue();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
