package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command on a k3s datastore whose backups lie in an S3 store, as an operator types it. */
abstract class S3EndToEnd {
    private static final DateTimeFormatter LEGACY =
            DateTimeFormatter.ofPattern("uuuu/MM/'%s-'uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    @TempDir
    Path directory;

    private final List<Program.Result> results = new ArrayList<>();
    private K3sWorkspace workspace;
    private String bucket;

    abstract ObjectStore store();

    @BeforeEach
    void makeADatastoreAndABucket() throws Exception {
        workspace = K3sWorkspace.small(directory);
        bucket = store().newBucket();
        configure("retention: {keepLast: 5}", workspace.encryption());
    }

    @AfterEach
    void noOutputHoldsTheCredential() {
        assertThat(results)
                .isNotEmpty()
                .allSatisfy(result -> assertThat(result.out() + result.err()).doesNotContain(store().secret()));
    }

    @Test
    void aBackupIsListedVerifiedAndRestored() throws Exception {
        assertThat(lvsBackup("run").expect(0).err()).contains("k3s");

        List<String> keys =
                K3sWorkspace.keys(lvsBackup("list", "-o", "json").expect(0).out());
        assertThat(store().payload(bucket)).containsExactlyElementsOf(new TreeSet<>(keys));
        assertThat(keys).allMatch(key -> key.matches("\\d{4}/\\d{2}/k3s-(sqlite|token)-.*\\.zst\\.age"));
        for (String level : List.of("stored", "checksum", "content")) {
            lvsBackup("verify", "latest", "--level", level).expect(0);
        }
        lvsBackup("restore", "latest", "--to", "restored").expect(0);
        assertThat(sqlite(directory.resolve("restored/state.db"), "SELECT count(*), max(id) FROM kine"))
                .isEqualTo(sqlite(KineDatabase.file(workspace.dataDir()), "SELECT count(*), max(id) FROM kine"));
        assertThat(directory.resolve("restored/token")).hasSameBinaryContentAs(workspace.token());
    }

    @Test
    void anAlteredObjectFailsVerificationAndIsNotRestored() throws Exception {
        lvsBackup("run").expect(0);
        String database = store().payload(bucket).first();
        byte[] bytes = store().direct()
                .getObjectAsBytes(request -> request.bucket(bucket).key(database))
                .asByteArray();
        bytes[bytes.length / 2] ^= 1;
        store().put(bucket, database, bytes);

        lvsBackup("verify", "latest", "--level", "stored").expect(0);
        lvsBackup("verify", "latest", "--level", "checksum").expect(5);
        Program.Result restore = lvsBackup("restore", "latest", "--to", "restored");

        assertThat(restore.exitCode()).isEqualTo(5);
        assertThat(directory.resolve("restored/state.db")).doesNotExist();
    }

    @Test
    void objectsOfTheReplacedJobsAreAdoptedVerifiedRestoredAndPruned() throws Exception {
        Instant now = TestTime.machine().instant().truncatedTo(ChronoUnit.SECONDS);
        String recent = putLegacy(now.minus(1, ChronoUnit.DAYS));
        String old = putLegacy(now.minus(9, ChronoUnit.DAYS));
        store().put(bucket, "2019/01/somebody-elses.txt", "not ours");
        configure("retention: {keepWithin: 7d}");

        assertThat(lvsBackup("adopt").expect(0).out()).contains(recent).contains(old);
        assertNothingIsListed();
        lvsBackup("adopt", "--yes").expect(0);

        String listed = lvsBackup("list", "-o", "json").expect(0).out();
        assertThat(count(listed, "\"ADOPTED\"")).isEqualTo(2);
        assertThat(K3sWorkspace.keys(listed)).contains(recent, old);
        lvsBackup("verify", "--all", "--level", "content").expect(0);
        lvsBackup("restore", "latest", "--to", "restored").expect(0);
        assertThat(sqlite(directory.resolve("restored/state.db"), "SELECT count(*) FROM kine"))
                .isEqualTo(sqlite(KineDatabase.file(workspace.dataDir()), "SELECT count(*) FROM kine"));

        lvsBackup("run").expect(0);

        assertThat(store().payload(bucket))
                .contains(recent, "2019/01/somebody-elses.txt")
                .doesNotContain(old);
        assertThat(count(lvsBackup("list", "-o", "json").expect(0).out(), "\"ADOPTED\""))
                .isEqualTo(1);
    }

    @Test
    void aCutObjectOfTheReplacedJobIsNotAdopted() throws Exception {
        String key =
                putLegacy(TestTime.machine().instant().minus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS));
        byte[] whole = store().direct()
                .getObjectAsBytes(request -> request.bucket(bucket).key(key))
                .asByteArray();
        store().put(bucket, key, java.util.Arrays.copyOf(whole, whole.length / 2));

        assertThat(lvsBackup("adopt", "--yes").exitCode()).isNotZero();

        assertNothingIsListed();
        assertThat(store().payload(bucket)).contains(key);
    }

    @Test
    void pruneDropsWhatThePolicyDoesNotKeep() throws Exception {
        configure("retention: {keepLast: 1}");
        lvsBackup("run").expect(0);
        TreeSet<String> first = store().payload(bucket);
        assertThat(lvsBackup("prune").expect(0).out()).contains("keep");
        lvsBackup("hold", "latest", "--reason", "before the upgrade").expect(0);
        lvsBackup("run").expect(0);
        assertThat(store().payload(bucket)).containsAll(first);

        String held = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"")
                .matcher(lvsBackup("list", "-o", "json").expect(0).out())
                .results()
                .reduce((one, other) -> other)
                .orElseThrow()
                .group(1);
        lvsBackup("hold", held, "--release").expect(0);
        lvsBackup("prune", "--yes").expect(0);

        assertThat(store().payload(bucket)).hasSize(2).doesNotContainAnyElementsOf(first);
    }

    @Test
    void aCopyInAnotherBucketOutlivesTheFirst() throws Exception {
        String second = store().newBucket();
        Files.writeString(directory.resolve("lvs.yaml"), yaml(bucket, second, "copies: [{sink: second}]"));
        lvsBackup("run").expect(0);
        assertThat(lvsBackup("copy", "latest", "--to", "second").expect(0).out())
                .contains("present in sink second");
        assertThat(withoutRunIds(store().payload(second))).isEqualTo(withoutRunIds(store().payload(bucket)));

        store().empty(bucket);
        Files.writeString(directory.resolve("lvs.yaml"), yaml(second, bucket, ""));

        lvsBackup("verify", "latest", "--level", "content").expect(0);
        lvsBackup("restore", "latest", "--to", "restored").expect(0);
        assertThat(directory.resolve("restored/state.db")).exists();
    }

    @Test
    void theDoctorSaysWhatTheStoreCanDoAndLeavesNothing() throws Exception {
        String told = lvsBackup("doctor", "--sink", "first").expect(0).out();

        assertThat(told).contains("multipart  ").contains(" passed ").doesNotContain(" failed ");
        assertThat(store().direct()
                        .listObjectsV2(request -> request.bucket(bucket))
                        .contents())
                .isEmpty();
    }

    @Test
    void metricsTellTheSizeOfBucketsByTheNamesDashboardsUse() throws Exception {
        store().put(bucket, "somebody-elses.bin", new byte[10_000]);
        lvsBackup("run").expect(0);

        lvsBackup("metrics", "--textfile", "lvs.prom", "--buckets", "configured")
                .expect(0);

        List<String> lines = Files.readAllLines(directory.resolve("lvs.prom"));
        assertThat(lines).anyMatch(line -> line.startsWith("s3_bucket_objects_total{bucket=\"" + bucket + "\"} "));
        assertThat(lines).anyMatch(line -> line.startsWith("s3_total_objects "));
        double bytes = lines.stream()
                .filter(line -> line.startsWith("s3_bucket_size_bytes{bucket=\"" + bucket + "\"} "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
        assertThat(bytes).isGreaterThan(10_000);
        assertThat(lines).anyMatch(line -> line.startsWith("lvs_backup_") && line.contains("job=\"k3s\""));
    }

    @Test
    void aDrillRehearsesTheRestore() throws Exception {
        lvsBackup("run").expect(0);

        lvsBackup("drill", "--report", "drill.json").expect(0);

        assertThat(directory.resolve("drill.json")).content().contains("integrity_check");
        assertThat(store().direct()
                        .listObjectsV2(request -> request.bucket(bucket).prefix(".lvs-backup/k3s/"))
                        .contents())
                .anyMatch(object -> object.key().endsWith("/drilled.json"));
    }

    @Test
    void theHintOfTheManifestRestoresWithStandardTools() throws Exception {
        lvsBackup("run").expect(0);
        String manifest = lvsBackup("show", "latest", "-o", "json").expect(0).out();
        Matcher hints = Pattern.compile("\"restoreHint\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)+)\"")
                .matcher(manifest);

        for (String hint : hints.results().map(match -> match.group(1)).toList()) {
            assertThat(hint).startsWith("aws s3 cp ");
            store().secretsFor(Program.shell(directory))
                    .run(hint.replace("IDENTITY_FILE", workspace.identity().toString()))
                    .expect(0);
        }

        assertThat(sqlite(directory.resolve("state.db"), "PRAGMA integrity_check"))
                .isEqualTo("ok");
        assertThat(directory.resolve("token")).hasSameBinaryContentAs(workspace.token());
    }

    @Test
    void aStoreIsExaminedARestoreRehearsedAndBothMeasured() throws Exception {
        assertThat(lvsBackup("doctor").expect(0).out())
                .containsPattern("\nsink first\n")
                .containsPattern("\ncreate-if-absent +passed ");
        assertThat(store().payload(bucket)).as("what the doctor left").isEmpty();
        lvsBackup("run").expect(0);

        String drill = lvsBackup("drill", "--report", "drill.json").expect(0).out();
        assertThat(drill).contains(": drill: passed, RPO ").containsPattern("\nfetch +[0-9.]+ s\n");
        assertThat(Files.readString(directory.resolve("drill.json"))).contains("\"passed\": true");
        assertThat(lvsBackup("metrics", "--buckets", "configured").expect(0).out())
                .containsPattern("\ns3_bucket_objects_total\\{bucket=\"" + bucket + "\"} [1-9]")
                .containsPattern("\ns3_total_size_bytes [1-9]")
                .containsPattern("\nlvs_backup_stored_bytes\\{job=\"k3s\",sink=\"first\"} [1-9]")
                .containsPattern("\nlvs_backup_last_drilled_timestamp_seconds\\{job=\"k3s\",sink=\"first\"} 1\\.");
    }

    @Test
    void aWrongKeyAndAMissingBucketSaySo() throws Exception {
        Program.Result refused = keep(store().secretsFor(
                        Program.launcher(Checkout.distribution(), directory).with("PATH", System.getenv("PATH")))
                .with("AWS_SECRET_ACCESS_KEY", "not-the-key")
                .run("-c", "lvs.yaml", "run"));
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(12);
        assertThat(refused.err()).contains("job k3s").contains("secret");

        Files.writeString(directory.resolve("lvs.yaml"), yaml("no-such-bucket-here", bucket, ""));
        Program.Result missing = lvsBackup("run");
        assertThat(missing.exitCode()).as(missing.err()).isEqualTo(10);
        assertThat(missing.err()).contains("no-such-bucket-here");
    }

    private void assertNothingIsListed() throws Exception {
        assertThat(K3sWorkspace.keys(lvsBackup("list", "-o", "json").expect(0).out()))
                .isEmpty();
    }

    private static List<String> withoutRunIds(Collection<String> keys) {
        return keys.stream()
                .map(key -> key.replaceFirst("Z-[a-z2-9]{10}\\.", "Z."))
                .toList();
    }

    private void configure(String... settings) throws Exception {
        Files.writeString(directory.resolve("lvs.yaml"), yaml(bucket, bucket, settings));
    }

    private String yaml(String first, String second, String... settings) {
        return """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s}}
                sinks:
                  first: {type: s3, bucket: %s, endpoint: "${AWS_ENDPOINTS}", region: nbg1, %s}
                  second: {type: s3, bucket: %s, endpoint: "${AWS_ENDPOINTS}", region: nbg1, prefix: %s, %s}
                jobs:
                  k3s:
                    source: node
                    sink: first
                    %s
                """.formatted(
                        first,
                        store().settings(),
                        second,
                        first.equals(second) ? "elsewhere" : "\"\"",
                        store().settings(),
                        String.join("\n    ", settings));
    }

    private Program.Result lvsBackup(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("-c", "lvs.yaml"));
        line.addAll(List.of(arguments));
        return keep(store().secretsFor(Program.launcher(Checkout.distribution(), directory))
                .run(line.toArray(String[]::new)));
    }

    private Program.Result keep(Program.Result result) {
        results.add(result);
        return result;
    }

    /** Does what the replaced CronJob does; returns the key of the database. */
    private String putLegacy(Instant when) throws Exception {
        String name = LEGACY.format(when);
        Program.shell(directory)
                .run("rm -f copy copy.gz token.gz; sqlite3 " + KineDatabase.file(workspace.dataDir())
                        + " '.backup copy'; gzip -9 < copy > copy.gz; gzip -9 < " + workspace.token() + " > token.gz")
                .expect(0);
        String database = name.formatted("k3s-sqlite") + ".db.gz";
        store().put(bucket, database, Files.readAllBytes(directory.resolve("copy.gz")));
        store().put(bucket, name.formatted("k3s-token") + ".gz", Files.readAllBytes(directory.resolve("token.gz")));
        return database;
    }

    private String sqlite(Path database, String query) throws Exception {
        return Program.shell(directory)
                .run("sqlite3 -readonly '" + database + "' '" + query + "'")
                .expect(0)
                .out()
                .strip();
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}
