package cloud.lvs.backup.runner;

import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.cli.LvsBackup;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the commands in one process, so that the class-data archive made at its end holds what they load. Not for
 * operators: {@code make-cds-archive} runs it with an empty directory to work in.
 */
final class Training {
    private final Path directory;

    private Training(Path directory) {
        this.directory = directory;
    }

    /**
     * Walks.
     *
     * @param arguments the empty directory
     */
    public static void main(String[] arguments) throws IOException, SQLException {
        new Training(Path.of(arguments[0])).walk();
    }

    private void walk() throws IOException, SQLException {
        Path data = directory.resolve("k3s");
        makeDatastore(data);
        Path configuration = Files.writeString(directory.resolve("lvs-backup.yaml"), """
                version: 1
                scratch: %1$s
                sources:
                  node: {type: k3s, dataDir: %1$s/k3s, expectToken: false}
                sinks:
                  local: {type: directory, path: %1$s/sink}
                  other: {type: directory, path: %1$s/other}
                jobs:
                  k3s:
                    source: node
                    sink: local
                    copies: [{sink: other}]
                    retention: {keepLast: 1, minKeep: 1}
                    rpo: 26h
                """.formatted(directory));
        String config = configuration.toString();
        execute("--help");
        execute("version");
        execute("providers");
        execute("-c", config, "config", "validate");
        execute("-c", config, "config", "show");
        execute(
                "-c",
                config,
                "--log-format",
                "json",
                "run",
                "--report",
                directory.resolve("report.json").toString());
        execute("-c", config, "list");
        execute("-c", config, "list", "-o", "json");
        execute("-c", config, "show", "latest");
        execute("-c", config, "verify", "latest", "--level", "content");
        execute(
                "-c",
                config,
                "restore",
                "latest",
                "--to",
                directory.resolve("restored").toString());
        execute("-c", config, "doctor");
        execute("-c", config, "metrics");
        execute("-c", config, "drill");
        execute("-c", config, "prune");
        execute("-c", config, "adopt");
        walkAway(data);
        walkToServer();
    }

    /** To a PostgreSQL server that does not answer. */
    private void walkToServer() throws IOException {
        String config = Files.writeString(directory.resolve("server.yaml"), """
                version: 1
                scratch: %1$s
                sinks:
                  local: {type: directory, path: %1$s/sink}
                jobs:
                  postgres: {source: {type: postgres, host: 127.0.0.1, port: 1, user: training}, sink: local}
                """.formatted(directory))
                .toString();
        execute("-c", config, "run");
    }

    /** To an object store where nobody answers: what is loaded until that is clear is nearly all there is. */
    private void walkAway(Path data) throws IOException {
        String config = Files.writeString(directory.resolve("away.yaml"), """
                version: 1
                scratch: %1$s
                sinks:
                  away:
                    type: s3
                    bucket: training
                    endpoint: "https://127.0.0.1:1"
                    accessKeyId: training-id
                    secretAccessKey: training-secret
                    patience: 1ms
                jobs:
                  k3s: {source: {type: k3s, dataDir: %2$s, expectToken: false}, sink: away}
                """.formatted(directory, data))
                .toString();
        execute("-c", config, "list");
        execute("-c", config, "run");
    }

    private void execute(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        @Nullable Path noHome = null;
        var host = new Host(
                Map.of(),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Screen.LOG,
                noHome);
        int code = new LvsBackup(host).execute(arguments);
        if (code != 0) {
            // A command that fails teaches too, only less.
            System.err.println(
                    String.join(" ", arguments) + " ended with " + code + ": " + err.toString(StandardCharsets.UTF_8));
        }
    }

    private static void makeDatastore(Path data) throws IOException, SQLException {
        Path database = data.resolve("server").resolve("db").resolve("state.db");
        Files.createDirectories(database.getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database + "?journal_mode=WAL");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kine (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, created INTEGER,"
                    + " deleted INTEGER, create_revision INTEGER, prev_revision INTEGER, lease INTEGER, value BLOB,"
                    + " old_value BLOB)");
            statement.execute("CREATE INDEX kine_name_index ON kine (name)");
            statement.execute("CREATE INDEX kine_name_id_index ON kine (name, id)");
            statement.execute("CREATE INDEX kine_id_deleted_index ON kine (id, deleted)");
            statement.execute("CREATE INDEX kine_prev_revision_index ON kine (prev_revision)");
            statement.execute("CREATE UNIQUE INDEX kine_name_prev_revision_uindex ON kine (name, prev_revision)");
            insert(statement, "compact_rev_key", "");
            insert(statement, "/registry/health", "{\"health\":\"true\"}");
            for (String name : new String[] {"default", "kube-system"}) {
                insert(
                        statement,
                        "/registry/namespaces/" + name,
                        "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" + name + "\"}}");
            }
            insert(statement, "/bootstrap/training", "");
        }
    }

    private static void insert(Statement statement, String name, String value) throws SQLException {
        statement.execute("INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value)"
                + " VALUES ('" + name + "', 1, 0, 0, 0, 0, CAST('" + value + "' AS BLOB))");
    }
}
