package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code metrics}: the names that dashboards rely on, what is absent when it is not known, and where it goes. */
class MetricsCommandTest {
    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
    }

    /** Two sinks that both see what the first one's key shows. */
    private void configure(String shelves, String job) {
        Terminal.write(terminal.config, """
                version: 1
                sources:
                  mine: {type: notes, directory: %1$s/notes}
                sinks:
                %2$s
                jobs:
                  notes:
                    source: mine
                    sink: local
                    rpo: 26h
                %3$s
                """.formatted(
                        directory, shelves.indent(2).replace("DIR", directory.toString()), job.indent(4)));
    }

    private static final String TWO_SHELVES = """
            local: {type: shelf, path: DIR/sink, bucket: k3s, buckets: {k3s: 1000, pg: 20000}}
            other: {type: shelf, path: DIR/other, bucket: pg, buckets: {k3s: 1000, pg: 20000}}
            """;

    private List<String> values(Result result) {
        return result.out().lines().filter(line -> !line.startsWith("#")).toList();
    }

    private long payloadBytes(String sink) throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve(sink))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains(".lvs-backup"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void tellsBucketsUnderTheNamesThatDashboardsUse() {
        configure(TWO_SHELVES, "");

        Result result = terminal.run("metrics");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(values(result))
                .contains(
                        "s3_bucket_size_bytes{bucket=\"k3s\"} 1000.0",
                        "s3_bucket_size_bytes{bucket=\"pg\"} 20000.0",
                        "s3_bucket_objects_total{bucket=\"k3s\"} 10.0",
                        "s3_bucket_objects_total{bucket=\"pg\"} 200.0",
                        "s3_total_size_bytes 21000.0",
                        "s3_total_objects 210.0",
                        "lvs_backup_bucket_readable{bucket=\"k3s\"} 1.0",
                        "lvs_backup_sink_readable{sink=\"other\"} 1.0")
                .doesNotHaveDuplicates();
        assertThat(result.out())
                .contains("# TYPE s3_bucket_objects_total gauge\n")
                .contains("# TYPE s3_total_objects gauge\n");
    }

    @Test
    void tellsOnlyTheConfiguredBucketsOnRequest() {
        configure(TWO_SHELVES.lines().findFirst().orElseThrow(), "");

        assertThat(values(terminal.run("metrics", "--buckets", "configured")))
                .contains("s3_total_size_bytes 1000.0")
                .noneMatch(line -> line.contains("pg"));
        assertThat(terminal.run("metrics", "--buckets", "mine").code()).isEqualTo(2);
    }

    @Test
    void tellsOfEachJobInEachOfItsSinks() throws Exception {
        configure(TWO_SHELVES, "copies: [{sink: other}]");
        terminal.now.updateAndGet(now -> now.minus(Duration.ofDays(1)));
        terminal.run("run");
        double first = terminal.now().getEpochSecond();
        terminal.now.updateAndGet(now -> now.plus(Duration.ofDays(1)));
        double second = terminal.now().getEpochSecond();
        Terminal.write(terminal.notes.resolve("broken"), "x");
        terminal.run("run");
        assertThat(terminal.run("hold", "latest").code()).isZero();

        List<String> values = values(terminal.run("metrics"));

        String labels = "{job=\"notes\",sink=\"local\"} ";
        assertThat(values)
                .contains(
                        "lvs_backup_job_readable" + labels + "1.0",
                        "lvs_backup_backups" + labels + "2.0",
                        "lvs_backup_partial_backups" + labels + "1.0",
                        "lvs_backup_held_backups" + labels + "1.0",
                        "lvs_backup_stored_bytes" + labels + (double) payloadBytes("sink"),
                        "lvs_backup_oldest_timestamp_seconds" + labels + first,
                        "lvs_backup_newest_timestamp_seconds" + labels + second,
                        "lvs_backup_last_success_timestamp_seconds" + labels + first,
                        "lvs_backup_rpo_seconds{job=\"notes\"} 93600.0",
                        "lvs_backup_metrics_timestamp_seconds " + second,
                        "lvs_backup_backups{job=\"notes\",sink=\"other\"} 2.0",
                        "lvs_backup_stored_bytes{job=\"notes\",sink=\"other\"} " + (double) payloadBytes("other"))
                .noneMatch(line -> line.startsWith("lvs_backup_last_verified") || line.contains("drilled"));
    }

    @Test
    void tellsWhenABackupWasLastProved() {
        configure(TWO_SHELVES, "");
        terminal.run("run");
        assertThat(terminal.run("verify", "latest", "--level", "content").code())
                .isZero();
        assertThat(terminal.run("drill").code()).isZero();

        // By the store's clock.
        String seconds = "[1-9]\\.\\d+E9";
        assertThat(values(terminal.run("metrics")))
                .anyMatch(line -> line.matches("lvs_backup_last_verified_timestamp_seconds"
                        + "\\{job=\"notes\",level=\"content\",sink=\"local\"\\} " + seconds))
                .anyMatch(line -> line.matches(
                        "lvs_backup_last_drilled_timestamp_seconds\\{job=\"notes\",sink=\"local\"\\} " + seconds));
    }

    @Test
    void neverTellsZeroOfABucketThatCannotBeRead() {
        configure("""
                local: {type: shelf, path: DIR/sink, bucket: k3s, buckets: {k3s: 1000}, unreadable: [secret]}
                """, "");

        Result result = terminal.run("metrics");

        assertThat(result.code()).isEqualTo(12);
        assertThat(result.err())
                .isEqualTo("bucket secret: metrics: bucket secret: access is denied (look at the shelf)\n");
        assertThat(values(result))
                .contains(
                        "lvs_backup_bucket_readable{bucket=\"secret\"} 0.0",
                        "s3_bucket_size_bytes{bucket=\"k3s\"} 1000.0")
                .noneMatch(line -> line.startsWith("s3_total"))
                .noneMatch(line -> line.startsWith("s3_") && line.contains("secret"));
    }

    @Test
    void countsABucketThatOneOfSeveralKeysCanRead() {
        configure("""
                local: {type: shelf, path: DIR/sink, bucket: k3s, buckets: {k3s: 1000}, unreadable: [pg]}
                other: {type: shelf, path: DIR/other, bucket: pg, buckets: {pg: 20000}, unreadable: [k3s]}
                """, "");

        Result result = terminal.run("metrics");

        assertThat(result.code()).isZero();
        assertThat(values(result)).contains("s3_total_size_bytes 21000.0", "s3_total_objects 210.0");
    }

    @Test
    void goesOnWhenASinkCannotBeReachedAndSaysSo() {
        configure("""
                local: {type: shelf, path: DIR/sink, bucket: k3s, buckets: {k3s: 1000}}
                other: {type: shelf, path: DIR/other, bucket: pg, buckets: {pg: 1}, down: does not answer}
                """, "copies: [{sink: other}]");

        Result result = terminal.run("metrics");

        assertThat(result.code()).isEqualTo(10);
        assertThat(result.err().lines())
                .anyMatch(line -> line.startsWith("job notes: metrics: shelf ") && line.contains("does not answer"))
                .anyMatch(line -> line.startsWith("sink other: metrics: shelf ") && line.contains("does not answer"));
        assertThat(values(result))
                .contains(
                        "lvs_backup_sink_readable{sink=\"other\"} 0.0",
                        "lvs_backup_job_readable{job=\"notes\",sink=\"other\"} 0.0",
                        "lvs_backup_job_readable{job=\"notes\",sink=\"local\"} 1.0",
                        "lvs_backup_backups{job=\"notes\",sink=\"local\"} 0.0",
                        "s3_bucket_size_bytes{bucket=\"k3s\"} 1000.0")
                .noneMatch(line -> line.startsWith("s3_total"))
                .noneMatch(line -> line.startsWith("lvs_backup_backups") && line.contains("other"));
    }

    @Test
    void tellsNothingOfBucketsWhereThereAreNone() {
        Result result = terminal.run("metrics");

        assertThat(result.code()).isZero();
        assertThat(values(result))
                .noneMatch(line -> line.startsWith("s3_"))
                .contains("lvs_backup_backups{job=\"notes\",sink=\"local\"} 0.0");
    }

    @Test
    void writesTheTextfileInOnePieceAlsoWhenSomethingFailed() throws Exception {
        configure(TWO_SHELVES.replace("buckets: {k3s: 1000, pg: 20000}}", "unreadable: [k3s]}"), "");
        Path textfile = directory.resolve("lvs.prom");
        Files.writeString(textfile, "old");

        Result result = terminal.run("metrics", "--textfile", textfile.toString());

        assertThat(result.code()).isEqualTo(12);
        assertThat(result.out()).isEmpty();
        assertThat(Files.readString(textfile))
                .contains("lvs_backup_bucket_readable{bucket=\"k3s\"} 0.0\n")
                .endsWith("\n");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".tmp"));
        }
        assertThat(terminal.run("metrics", "--textfile", directory + "/none/lvs.prom"))
                .satisfies(lost -> assertThat(lost.code()).isEqualTo(2))
                .satisfies(lost -> assertThat(lost.err()).contains("textfile " + directory + "/none/lvs.prom: cannot"));
    }

    @Test
    void writesADocumentAsWellOnRequest() throws Exception {
        configure(TWO_SHELVES, "");

        JsonNode document = new ObjectMapper()
                .readTree(terminal.run("metrics", "-o", "json").out());

        assertThat(document).anySatisfy(sample -> {
            assertThat(sample.get("name").asText()).isEqualTo("s3_bucket_size_bytes");
            assertThat(sample.at("/labels/bucket").asText()).isEqualTo("pg");
            assertThat(sample.get("value").asLong()).isEqualTo(20_000);
        });
    }

    // Pushing

    private record Request(String line, String type, String authorization, String body) {}

    /** A Pushgateway that remembers what it got. */
    private final class Gateway implements AutoCloseable {
        private final HttpServer server;
        private final List<Request> requests = new ArrayList<>();

        Gateway(int status) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                requests.add(new Request(
                        exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
                byte[] answer = "inconsistent with another push".getBytes(StandardCharsets.UTF_8);
                if (status == 302) {
                    exchange.getResponseHeaders().add("Location", url("") + "/elsewhere");
                }
                exchange.sendResponseHeaders(status, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
        }

        String url(String userInfo) {
            return "http://" + userInfo + "127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void pushesWhatReplacesTheGroup() throws Exception {
        configure(TWO_SHELVES, "");
        try (var gateway = new Gateway(200)) {
            Result result = terminal.run("metrics", "--push", gateway.url("") + "/prefix/", "--push-job", "backups");

            assertThat(result).isEqualTo(new Result(0, "", ""));
            Request request = gateway.requests.get(0);
            assertThat(request.line()).isEqualTo("PUT /prefix/metrics/job/backups");
            assertThat(request.type()).startsWith("text/plain; version=0.0.4");
            assertThat(request.authorization()).isEqualTo("null");
            assertThat(request.body())
                    .contains("\ns3_total_size_bytes 21000.0\n")
                    .endsWith("\n");
        }
    }

    @Test
    void pushesWithAPasswordThatItNeverPrints() throws Exception {
        configure(TWO_SHELVES, "");
        try (var gateway = new Gateway(401)) {
            terminal.environment.put("LVS_BACKUP_PUSH_URL", gateway.url("prometheus:open%20sesame@"));

            Result result = terminal.run("metrics", "--verbose", "--push");

            assertThat(result.code()).isEqualTo(12);
            assertThat(result.err())
                    .contains("push gateway " + gateway.url("") + ": refuses: HTTP 401")
                    .doesNotContain("sesame")
                    .doesNotContain("cHJvbWV0");
            assertThat(gateway.requests.get(0).authorization()).isEqualTo("Basic cHJvbWV0aGV1czpvcGVuIHNlc2FtZQ==");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 400, 500})
    void failsWhenTheGatewayDoesNotTakeThem(int status) throws Exception {
        configure(TWO_SHELVES, "");
        try (var gateway = new Gateway(status)) {
            Result result = terminal.run("metrics", "--push", gateway.url("user:secretive@"));

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .contains("does not take the metrics: HTTP " + status + ": inconsistent with another push")
                    .doesNotContain("secretive");
            assertThat(gateway.requests).hasSize(1);
        }
    }

    @Test
    void failsWhenNobodyAnswers() throws Exception {
        configure(TWO_SHELVES, "");
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        Result result = terminal.run("metrics", "--push", "http://127.0.0.1:" + port);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("push gateway http://127.0.0.1:" + port + ": does not answer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--push ftp://user:secretive@x",
                "--push secretive",
                "--push http://user:secretive@x:y:z",
                "--push http://x --push-job a/b",
                "--push"
            })
    void refusesWhereItCannotPushWithoutRepeatingIt(String line) {
        configure(TWO_SHELVES, "");

        Result result = terminal.run(("metrics " + line).split(" "));

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--push").doesNotContain("secretive");
    }

    @Test
    void aDryRunPrintsAndNeitherWritesNorPushes() throws Exception {
        configure(TWO_SHELVES, "");
        Path textfile = directory.resolve("lvs.prom");
        try (var gateway = new Gateway(200)) {
            Result result =
                    terminal.run("metrics", "--dry-run", "--push", gateway.url(""), "--textfile", textfile.toString());

            assertThat(result.out()).contains("s3_total_size_bytes 21000.0");
            assertThat(gateway.requests).isEmpty();
            assertThat(textfile).doesNotExist();
        }
    }
}
