package cloud.lvs.backup.runner.cli;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.error;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.page;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.wantingEqualParts;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import cloud.lvs.backup.sink.s3.scripted.Ingress;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores and networks as they are: what each comes to on the command line. */
@Timeout(120)
class StoreQuirksTest {
    private static final Instant NOW = TestTime.machine().instant();
    /** More than any machine that this is tested on may use. */
    private static final String HUGE = "partSize: 1GiB\n    partsInFlight: 64";

    @TempDir
    Path directory = Path.of("");

    private Terminal terminal;
    private ScriptedStore store;

    @BeforeEach
    void open() throws IOException {
        terminal = new Terminal(directory);
        terminal.now.set(NOW);
        store = new ScriptedStore(((InstantSource) terminal.now::get).withZone(ZoneOffset.UTC));
        configure("");
    }

    @AfterEach
    void close() {
        store.close();
    }

    // Listings

    @Test
    void anEmptyPageEndsNoListing() throws Exception {
        backUp(2);
        AtomicInteger tokens = new AtomicInteger();
        store.always(Operation.LIST, call -> {
            if (call.parameter("continuation-token").startsWith("empty-")) {
                list(call);
            } else {
                call.answer(
                        200,
                        page("<IsTruncated>true</IsTruncated><NextContinuationToken>empty-" + tokens.incrementAndGet()
                                + "</NextContinuationToken>"));
            }
        });

        assertThat(terminal.run("list").code()).isZero();
        assertThat(terminal.run("list").out().lines()).hasSize(1 + 2);
        assertThat(terminal.run("prune", "--yes").code()).isZero();
        assertThat(terminal.run("run").code()).isZero();
        assertThat(tokens.get()).isPositive();
    }

    /** All there is, on one page. */
    private void list(ScriptedStore.Call call) throws IOException {
        StringBuilder page = new StringBuilder("<ListBucketResult><IsTruncated>false</IsTruncated>");
        store.objects.forEach((key, kept) -> {
            if (key.startsWith(call.parameter("prefix"))) {
                page.append("<Contents><Key>")
                        .append(key)
                        .append("</Key><LastModified>")
                        .append(kept.lastModified())
                        .append("</LastModified><Size>")
                        .append(kept.bytes().length)
                        .append("</Size></Contents>");
            }
        });
        call.answer(200, page + "</ListBucketResult>");
    }

    // Absent objects, and rights

    @Test
    void aStoreThatRefusesWhatIsNotThereDoesForEverything() {
        store.always(Operation.HEAD, call -> {
            if (store.objects.containsKey(call.key())) {
                call.properly();
            } else {
                call.answer(403, "");
            }
        });
        store.always(Operation.GET, call -> {
            if (store.objects.containsKey(call.key())) {
                call.properly();
            } else {
                call.answer(403, error("AccessDenied"));
            }
        });

        for (List<String> command : List.of(
                List.of("doctor"),
                List.of("run"),
                List.of("run"),
                List.of("list"),
                List.of("verify", "latest"),
                List.of("metrics"))) {
            Result result = terminal.run(command.toArray(String[]::new));
            assertThat(result.code()).as(command + ": " + result.err()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "doctor", "list"})
    void aKeyThatMayNotListIsToldBeforeAnythingIsRead(String command) {
        store.always(Operation.LIST, refuse(403, "AccessDenied"));

        Result result = terminal.run(command);

        assertThat(result.code()).as(result.err()).isEqualTo(12);
        assertThat(result.err()).contains("s3:ListBucket");
        assertThat(store.objects.keySet()).noneMatch(key -> key.startsWith("main/2"));
    }

    /** May list below its prefix only, and ask for no bucket. */
    @Test
    void aKeyOfOnePrefixIsEnough() {
        store.always(Operation.HEAD_BUCKET, say(403, ""))
                .always(Operation.VERSIONING, refuse(403, "AccessDenied"))
                .always(Operation.OBJECT_LOCK, refuse(403, "AccessDenied"))
                .always(Operation.LIST_BUCKETS, refuse(403, "AccessDenied"));
        for (Operation listing : List.of(Operation.LIST, Operation.LIST_VERSIONS, Operation.LIST_UPLOADS)) {
            store.always(listing, call -> {
                if (call.parameter("prefix").startsWith("main/")) {
                    call.properly();
                } else {
                    call.answer(403, error("AccessDenied"));
                }
            });
        }

        for (String command : List.of("doctor", "run", "run", "list")) {
            Result result = terminal.run(command, "-j", "notes");
            assertThat(result.code()).as(command + ": " + result.err()).isZero();
        }
        Result metrics = terminal.run("metrics", "--buckets", "configured");
        assertThat(metrics.out())
                .contains("lvs_backup_bucket_readable{bucket=\"bucket\"} 0")
                .contains("lvs_backup_job_readable{job=\"notes\",sink=\"s3\"} 1")
                .contains("lvs_backup_last_success_timestamp_seconds{job=\"notes\",sink=\"s3\"}");
    }

    // Archived objects

    @Test
    void anArchivedPayloadIsKeptAndNamed() throws Exception {
        List<String> ids = backUp(3);
        String archived = ids.get(2);
        archive(key -> key.startsWith("main/2") && key.contains(runOf(archived)));

        assertThat(terminal.run("list").code()).isZero();
        assertThat(terminal.run("metrics").code()).isZero();
        assertArchived(terminal.run("verify", archived), 10);
        assertArchived(
                terminal.run(
                        "restore", archived, "--to", directory.resolve("back").toString()),
                10);
        assertArchived(terminal.run("copy", archived, "--to", "other"), 10);
        Result all = terminal.run("verify", "--all");
        assertArchived(all, 10);
        assertThat(all.out().lines().filter(line -> line.startsWith("notes-") && line.contains(" passed ")))
                .as("it goes on to the others")
                .hasSize(2);
        assertNothingIsMissingAfter("prune", "--yes");
    }

    @Test
    void anArchivedManifestStopsNoCommandForTheOthers() throws Exception {
        List<String> ids = backUp(3);
        String archived = ids.get(2);
        archive(key -> key.contains(runOf(archived)));

        Result list = terminal.run("list");
        assertThat(list.out()).contains(ids);
        assertArchived(list, 10);
        Result metrics = terminal.run("metrics");
        assertThat(metrics.code()).as(metrics.err()).isZero();
        assertThat(metrics.out())
                .contains("lvs_backup_job_readable{job=\"notes\",sink=\"s3\"} 1")
                .contains("lvs_backup_last_success_timestamp_seconds{job=\"notes\",sink=\"s3\"}");
        assertThat(terminal.run("verify", "latest").code()).isZero();
        assertThat(terminal.run("run").code()).isZero();
        assertNothingIsMissingAfter("prune", "--yes");
    }

    @Test
    void anArchivedBackupThatIsNotKeptAnyMoreIsAWarningEveryTime() throws Exception {
        String archived = backUp(4).get(3);
        archive(key -> key.contains(runOf(archived)));

        for (int again = 0; again < 2; again++) {
            Result run = terminal.run("run", "-o", "json");
            assertArchived(run, 0);
            assertThat(run.err()).containsOnlyOnce("warning: sink s3: " + archived + " is not kept by retention");
            assertThat(new ObjectMapper().readTree(run.out()).at("/runs/0/retention/unreadable"))
                    .singleElement()
                    .satisfies(reason -> assertThat(reason.asText()).contains("have the store restore it"));
            Result prune = terminal.run("prune", "--yes");
            assertArchived(prune, 0);
            assertThat(prune.err()).contains("sink s3: " + archived + " stays: what belongs to it cannot be read now");
            assertThat(prune.out()).contains(", could not read 1");
        }
        assertThat(store.objects.keySet()).anyMatch(key -> key.startsWith("main/2") && key.contains(runOf(archived)));
    }

    private void archive(java.util.function.Predicate<String> which) {
        store.always(Operation.GET, call -> {
            if (which.test(call.key())) {
                call.answer(403, error("InvalidObjectState"));
            } else {
                call.properly();
            }
        });
    }

    private static void assertArchived(Result result, int code) {
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.err()).contains("archived: have the store restore it first");
    }

    /** Retention keeps them all. */
    private void assertNothingIsMissingAfter(String... command) {
        var before = new TreeSet<>(store.objects.keySet());
        before.removeIf(key -> key.contains("/lock/"));

        terminal.run(command);

        assertThat(store.objects.keySet()).containsAll(before);
    }

    // Parts

    @Test
    void aStoreThatWantsPartsOfOneSizeHasAKeyOfItsOwn() throws Exception {
        store.always(Operation.COMPLETE, wantingEqualParts());
        addAFilm(22 << 20);
        configure("maxParts: 10");

        Result doctor = terminal.run("doctor", "--sink", "s3");
        assertThat(doctor.code()).isEqualTo(10);
        assertThat(doctor.err()).contains("doctor: part-sizes:", "set equalParts: true");
        Result run = terminal.run("run");
        assertThat(run.code()).isEqualTo(10);
        assertThat(run.err()).contains("InvalidPart", "set equalParts: true");
        assertThat(store.uploads).isEmpty();

        configure("maxParts: 10\n    equalParts: true");
        assertThat(terminal.run("doctor", "--sink", "s3").code()).isZero();
        assertThat(terminal.run("run").code()).isZero();
        assertThat(terminal.run("verify", "latest").code()).isZero();
    }

    @Test
    void aProxyThatLimitsRequestsIsTold() throws Exception {
        addAFilm(6 << 20);
        try (Ingress ingress = new Ingress(store, Ingress.limit(1 << 20))) {
            configure(ingress.endpoint(), "partSize: 8MiB");

            Result doctor = terminal.run("doctor", "--sink", "s3");
            assertThat(doctor.code()).isEqualTo(10);
            assertThat(doctor.err())
                    .contains("413", "a proxy limits the size of requests: lower partSize or raise its limit");
            long seen = ingress.seenBodiesFrom(1 << 20).count();
            Result run = terminal.run("run");
            assertThat(run.code()).isEqualTo(10);
            assertThat(run.err())
                    .contains("HTTP 413", "a proxy limits the size of requests: lower partSize or raise its limit");
            assertThat(ingress.seenBodiesFrom(1 << 20).count() - seen).isLessThan(4);
        }
        assertThat(store.objects.keySet()).noneMatch(key -> key.contains("/committed-"));
        assertThat(store.uploads).isEmpty();
    }

    // Proxies

    @Test
    void theProxyIsNamedAndNotTheStoreAlone() throws Exception {
        try (Ingress proxy = new Ingress(store, Ingress.answering("502 Bad Gateway"))) {
            // The environment of this process cannot be changed; Java's property says the same.
            System.setProperty("http.proxyHost", "127.0.0.1");
            System.setProperty("http.proxyPort", proxy.address().split(":")[1]);
            System.setProperty("http.nonProxyHosts", "");
            try {
                Result run = terminal.run("run");
                assertThat(run.code()).isEqualTo(10);
                assertThat(run.err()).contains("through proxy " + proxy.address(), "look at the proxy");
            } finally {
                List.of("http.proxyHost", "http.proxyPort", "http.nonProxyHosts")
                        .forEach(System::clearProperty);
            }
        }
        assertThat(store.seen).isEmpty();
    }

    // Memory

    @ParameterizedTest
    @CsvSource({
        "s3, run",
        "s3, doctor",
        "s3, config validate",
        "copy, run",
        "copy, copy latest",
        "copy, config validate"
    })
    void partsThatDoNotFitIntoTheProcessAreToldBeforeAnythingIsSent(String sink, String command) throws Exception {
        if (command.startsWith("copy ")) {
            backUp(1);
            store.seen.clear();
        }
        if (sink.equals("copy")) {
            configure(store.endpoint(), "", "\n    " + HUGE);
        } else {
            configure(HUGE);
        }

        Result result = terminal.run(command.split(" "));

        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertThat(result.err())
                .contains("sink '" + sink + "'", "needs 66584 MiB", "the process may use", "lower partSize")
                .contains("LVS_JAVA_OPTS=-Xmx");
        if (!command.equals("doctor")) {
            assertThat(store.seen).noneMatch(operation -> operation == Operation.PUT || operation == Operation.BEGIN);
        }
    }

    @Test
    void whatReadsNeedsNoMemoryForUploads() throws Exception {
        backUp(1);
        configure(HUGE);

        assertThat(terminal.run("list").code()).isZero();
        assertThat(terminal.run("verify", "latest").code()).isZero();
        assertThat(terminal.run(
                                "restore",
                                "latest",
                                "--to",
                                directory.resolve("back").toString())
                        .code())
                .isZero();
    }

    // Vocabulary of the tests

    /** Newest first. */
    private List<String> backUp(int backups) {
        for (int n = backups - 1; n >= 0; n--) {
            terminal.now.set(NOW.minus(Duration.ofHours(n)));
            Result run = terminal.run("run");
            assertThat(run.code()).as(run.err()).isZero();
        }
        terminal.now.set(NOW);
        return terminal.run("list")
                .out()
                .lines()
                .skip(1)
                .map(line -> line.split(" ")[0])
                .toList();
    }

    private static String runOf(String id) {
        return id.substring(id.lastIndexOf('-') + 1);
    }

    private void addAFilm(int bytes) throws IOException {
        byte[] film = new byte[bytes];
        new Random(1).nextBytes(film);
        Files.write(terminal.notes.resolve("film"), film);
    }

    private void configure(String setting) {
        configure(store.endpoint(), setting, "");
    }

    private void configure(String endpoint, String setting) {
        configure(endpoint, setting, "");
    }

    private void configure(String endpoint, String setting, String settingOfTheCopy) {
        String part = Optional.of(setting)
                .filter(text -> !text.contains("partSize"))
                .map(text -> "partSize: 5MiB\n    " + text)
                .orElse(setting);
        String copies = settingOfTheCopy.isEmpty() ? "" : ", copies: [{sink: copy}]";
        Terminal.write(terminal.config, """
                version: 1
                sources:
                  mine: {type: notes, directory: %1$s}
                defaults: {compression: {type: zstd}}
                sinks:
                  other: {type: directory, path: %2$s}
                  s3:
                    type: s3
                    bucket: %3$s
                    prefix: main
                    endpoint: %4$s
                    allowPlainHttp: true
                    accessKeyId: %5$s
                    secretAccessKey: %6$s
                    patience: 20ms
                    %7$s
                  copy:
                    type: s3
                    bucket: %3$s
                    prefix: copies
                    endpoint: %4$s
                    allowPlainHttp: true
                    accessKeyId: %5$s
                    secretAccessKey: %6$s
                    patience: 20ms%8$s
                jobs:
                  notes: {source: mine, sink: s3, retention: {keepLast: 4}%9$s}
                """.formatted(
                        terminal.notes,
                        directory.resolve("other"),
                        ScriptedStore.BUCKET,
                        endpoint,
                        ScriptedStore.ID,
                        ScriptedStore.SECRET,
                        part,
                        settingOfTheCopy,
                        copies));
    }
}
