package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster.StopMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A PostgreSQL server for measurements: fast rather than durable, and with no work of its own meanwhile. */
final class BenchCluster implements AutoCloseable {
    private static final String GLOBALS = "cluster.sql";
    private static final String ARCHIVE = "archive";

    /** Those that hold data, the one that takes longest to fill first. */
    private static final List<String> DATABASES = List.of("wiki", "shop", "metrics", "files", "small");

    private static final Map<String, String> ROWS = Map.of(
            "wiki", "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM links)",
            "shop",
                    "SELECT (SELECT count(*) FROM sales.events), (SELECT count(*) FROM pgbench_accounts),"
                            + " (SELECT count(*) FROM sales.events_2025)",
            "metrics", "SELECT (SELECT count(*) FROM samples), (SELECT count(*) FROM hourly)",
            "files", "SELECT (SELECT count(*) FROM blobs), (SELECT count(*) FROM pg_largeobject_metadata)",
            "small", "SELECT count(*) FROM settings");

    private final TestCluster server;

    private BenchCluster(TestCluster server) {
        this.server = server;
    }

    static BenchCluster start() {
        return new BenchCluster(TestCluster.plan()
                .initdb("--data-checksums")
                .setting("shared_buffers", "512MB")
                .setting("max_wal_size", "8GB")
                .setting("checkpoint_timeout", "1h")
                .setting("maintenance_work_mem", "256MB")
                .setting("autovacuum", "off")
                .start());
    }

    int port() {
        return server.port();
    }

    String url() {
        return server.url();
    }

    /** A program of PostgreSQL, which finds this server by its environment. */
    Trial trial(Path place, String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program(program)));
        command.addAll(List.of(arguments));
        return Trial.of(place, command).with(environment());
    }

    String program(String name) {
        return server.binaries().program(name).toString();
    }

    Map<String, String> environment() {
        return Map.of("PGHOST", "127.0.0.1", "PGPORT", Integer.toString(port()), "PGUSER", TestCluster.SUPERUSER);
    }

    /** A session of the superuser, to be closed by the caller. */
    Connection connect() throws SQLException {
        return server.connect("postgres");
    }

    List<String> query(String sql) {
        return server.query("postgres", sql);
    }

    /** How many rows each database has. */
    Map<String, List<String>> rows() {
        Map<String, List<String>> rows = new TreeMap<>();
        ROWS.forEach((database, sql) -> rows.put(database, server.query(database, sql)));
        return rows;
    }

    /** Makes the roles and the databases, and fills these two at a time. */
    void fill(Path place, Scale scale) throws IOException, InterruptedException {
        Path archive = server.newDirectory(ARCHIVE);
        script(place, scale, "postgres", GLOBALS, archive);
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            List<Future<Boolean>> filled = new ArrayList<>();
            for (String database : DATABASES) {
                filled.add(two.submit(() -> {
                    script(place, scale, database, database + ".sql", archive);
                    return true;
                }));
            }
            for (Future<Boolean> each : filled) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("cannot fill the cluster", e.getCause());
        } finally {
            two.shutdownNow();
        }
    }

    private void script(Path place, Scale scale, String database, String name, Path archive)
            throws IOException, InterruptedException {
        Path file = place.resolve(name);
        try (InputStream script = BenchCluster.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IOException("there is no script " + name);
            }
            Files.copy(script, file);
        }
        double seconds = trial(
                        place,
                        "psql",
                        "-X",
                        "-q",
                        "-w",
                        "-d",
                        database,
                        "-v",
                        "scale=" + scale.factor(),
                        "-v",
                        "archive=" + archive,
                        "-f",
                        file.toString())
                .run()
                .expect(0)
                .seconds();
        Bench.say("%s: %.0f s", name, seconds);
    }

    /** The processor time of all sessions so far; waits for those that are ending. */
    Duration sessionsCpu() throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                + " AND pid <> pg_backend_pid()";
        while (!query(others).equals(List.of("0"))) {
            if (System.nanoTime() > end) {
                throw new IOException("sessions have been left: "
                        + query("SELECT application_name, state, left(query, 80) FROM pg_stat_activity"));
            }
            Thread.sleep(20);
        }
        long pid = Long.parseLong(
                Files.readAllLines(server.data().resolve("postmaster.pid")).get(0));
        return ProcessTimes.of(pid)
                .map(ProcessTimes::reaped)
                .orElseThrow(() -> new IOException("the server has ended"));
    }

    /** Stops the server for good, and gives the place of its tablespace to the next that restores it. */
    void makeWay() throws IOException {
        server.stop(StopMode.FAST);
        emptyArchive();
    }

    /** Another server has left its tablespace there. */
    void emptyArchive() throws IOException {
        Path archive = server.socketDirectory().resolve(ARCHIVE);
        try (var left = Files.list(archive)) {
            for (Path each : left.toList()) {
                Trees.remove(each);
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
