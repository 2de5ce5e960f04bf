package cloud.lvs.backup.provider.k3s.backup;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.K3sConfig.CheckDepth;
import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.spi.Check;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a copy unfit, and what is only worth a word. */
class KineChecksTest {
    private static final ServerToken TOKEN = token(KineDatabase.PASSWORD);

    @TempDir
    Path dataDir;

    @Test
    void passesASoundDatastore() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/pods/default/one", "an object");
            kine.put("/registry/longhorn.io/volumes/longhorn-system/v", "{\"");
            kine.put("/registry/pods/default/gone", "an object");
            kine.delete("/registry/pods/default/gone");
            kine.insert("gap-99", false, true, 0, 0, null, null);
        }

        KineChecks checks = check(CheckDepth.FULL, TOKEN);

        assertThat(checks.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(checks.failure()).isEmpty();
        assertThat(checks.objects())
                .containsEntry("pods", 1L)
                .containsEntry("longhorn.io/volumes", 1L)
                .containsEntry("namespaces", 3L);
        assertThat(checks.maxId()).isEqualTo(11);
        assertThat(checks.facts())
                .containsEntry("tokenDecrypts", "true")
                .containsEntry("objects.pods", "1")
                .containsKey("bootstrapEntries");
    }

    @Test
    void leavesNothingBesideADatabaseInWalMode() throws Exception {
        KineDatabase.create(dataDir).close();
        assertThat(Files.readAllBytes(KineDatabase.file(dataDir))[18]).isEqualTo((byte) 2);

        check(CheckDepth.FULL, TOKEN);

        assertThat(KineDatabase.file(dataDir).getParent()).isDirectoryNotContaining("glob:**state.db-*");
    }

    @Test
    void failsATruncatedFile() throws Exception {
        fill();
        try (RandomAccessFile file = open()) {
            file.setLength(file.length() - 4096);
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsAnyOf("size", "readable");
    }

    @Test
    void failsAFileThatIsLongerThanItsPages() throws Exception {
        fill();
        try (RandomAccessFile file = open()) {
            file.setLength(file.length() + 100);
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).isNotEmpty();
    }

    @Test
    void failsADamagedPage() throws Exception {
        fill();
        try (RandomAccessFile file = open()) {
            file.seek(file.length() / 4096 / 2 * 4096);
            file.write(new byte[4096]);
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).isNotEmpty();
        assertThat(failed(check(CheckDepth.QUICK, TOKEN))).isNotEmpty();
    }

    @Test
    void failsAFileThatIsNoDatabase() throws Exception {
        Files.createDirectories(KineDatabase.file(dataDir).getParent());
        Files.writeString(KineDatabase.file(dataDir), "no database".repeat(1000));

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("readable");
    }

    @Test
    void fullFindsAnIndexThatDisagreesWithItsTable() throws Exception {
        fill();
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            // What is stored stays; the index is told that it has another order.
            kine.execute("PRAGMA writable_schema=ON");
            kine.execute("UPDATE sqlite_master SET sql = replace(sql, '(name)', '(lease)')"
                    + " WHERE name = 'kine_name_index'");
            assertThat(kine.number("SELECT changes()")).isEqualTo(1);
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("integrity_check");
        assertThat(failed(check(CheckDepth.QUICK, TOKEN))).isEmpty();
    }

    @Test
    void failsWithoutKubeSystem() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.delete("/registry/namespaces/kube-system");
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("key /registry/namespaces/kube-system");
    }

    @Test
    void failsAnEmptyTable() throws Exception {
        KineDatabase.createEmpty(dataDir).close();

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).contains("revision", "live_objects");
    }

    @Test
    void failsATableWithoutItsColumns() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("ALTER TABLE kine DROP COLUMN lease");
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("kine_table");
    }

    @Test
    void failsACompactionAheadOfTheRevision() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("UPDATE kine SET prev_revision = 5000 WHERE name = 'compact_rev_key'");
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("compaction");
    }

    @Test
    void failsAnOldDatastoreWithoutCompactionMark() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("DELETE FROM kine WHERE name = 'compact_rev_key'");
            kine.execute("UPDATE kine SET id = 1000 WHERE id = (SELECT max(id) FROM kine)");
            kine.execute("UPDATE sqlite_sequence SET seq = 1000");
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("compaction");
    }

    @Test
    void failsASequenceBehindTheRevision() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("UPDATE sqlite_sequence SET seq = 2");
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("sequence");
    }

    @Test
    void warnsOfTwoCompactionMarksAndTakesTheLarger() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.insert("compact_rev_key", false, false, 0, 4, null, null);
        }

        KineChecks checks = check(CheckDepth.FULL, TOKEN);

        assertThat(warned(checks)).containsExactly("compaction");
        assertThat(checks.compactRevision()).isEqualTo(4);
    }

    @Test
    void warnsWhenCompactionIsStuck() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("INSERT INTO kine (id, name, created, deleted, create_revision, prev_revision, lease)"
                    + " VALUES (300000, '/registry/x/y', 1, 0, 0, 0, 0)");
        }

        assertThat(warned(check(CheckDepth.FULL, TOKEN))).containsExactly("compaction");
    }

    @Test
    void failsATokenThatIsNotTheDatastores() throws Exception {
        KineDatabase.create(dataDir).close();

        KineChecks checks = check(CheckDepth.FULL, token("another"));

        assertThat(failed(checks)).containsExactly("token");
        assertThat(checks.facts()).containsEntry("tokenDecrypts", "false");
    }

    @Test
    void failsARowThatTheTokenNamesButDoesNotDecrypt() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put(
                    Bootstrap.key(KineDatabase.PASSWORD),
                    Bootstrap.seal("another", Bootstrap.files("another cluster")));
        }

        assertThat(failed(check(CheckDepth.FULL, TOKEN))).containsExactly("token");
    }

    @Test
    void warnsOfADatastoreWithoutBootstrapRow() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.delete(Bootstrap.key(KineDatabase.PASSWORD));
        }

        assertThat(warned(check(CheckDepth.FULL, TOKEN))).containsExactly("token");
    }

    @Test
    void warnsOfAFirstStartInProgress() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put(Bootstrap.key(KineDatabase.PASSWORD), "");
        }

        assertThat(warned(check(CheckDepth.FULL, TOKEN))).containsExactly("token");
    }

    @Test
    void warnsOfBootstrapDataThatIsStillUnderNoToken() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.delete(Bootstrap.key(KineDatabase.PASSWORD));
            kine.put("/bootstrap/e3b0c44298fc", Bootstrap.seal("", Bootstrap.files("legacy")));
        }

        KineChecks checks = check(CheckDepth.FULL, token("anything"));

        assertThat(warned(checks)).contains("token");
        assertThat(failed(checks)).isEmpty();
    }

    @Test
    void warnsOfASecondBootstrapRow() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put(Bootstrap.key("older"), Bootstrap.seal("older", Map.of()));
        }

        assertThat(warned(check(CheckDepth.FULL, TOKEN))).containsExactly("bootstrap_rows");
    }

    @Test
    void readsTheOldFormOfBootstrapData() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put(
                    Bootstrap.key(KineDatabase.PASSWORD),
                    Bootstrap.sealText(KineDatabase.PASSWORD, "{\"ServerCA\":\"Q0E=\",\"ClientCA\":\"Q0I=\"}"));
        }

        KineChecks checks = check(CheckDepth.FULL, token(KineDatabase.PASSWORD, "CA"));

        assertThat(checks.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(checks.facts()).containsEntry("bootstrapEntries", "ClientCA,ServerCA");
    }

    @Test
    void warnsWhenTheTokenNamesAnotherClusterCa() throws Exception {
        KineDatabase.create(dataDir).close();

        assertThat(warned(check(CheckDepth.FULL, token(KineDatabase.PASSWORD, "another CA"))))
                .containsExactly("token_ca");
    }

    @Test
    void warnsWithoutToken() throws Exception {
        KineDatabase.create(dataDir).close();

        assertThat(warned(KineChecks.of(KineDatabase.file(dataDir), CheckDepth.AUTO, null)))
                .containsExactly("token");
    }

    private void fill() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            for (int i = 0; i < 200; i++) {
                kine.put("/registry/configmaps/default/c" + i, "filling ".repeat(60));
            }
        }
    }

    private RandomAccessFile open() throws Exception {
        return new RandomAccessFile(KineDatabase.file(dataDir).toFile(), "rw");
    }

    private KineChecks check(CheckDepth depth, ServerToken token) throws Exception {
        return KineChecks.of(KineDatabase.file(dataDir), depth, token);
    }

    private static List<String> failed(KineChecks checks) {
        return names(checks, Check.Status.FAILED);
    }

    private static List<String> warned(KineChecks checks) {
        assertThat(checks.failure()).isEmpty();
        return names(checks, Check.Status.WARNED);
    }

    private static List<String> names(KineChecks checks, Check.Status status) {
        return checks.checks().stream()
                .filter(check -> check.status() == status)
                .map(Check::name)
                .toList();
    }

    private static ServerToken token(String password) {
        return parse(Bootstrap.token(password, Bootstrap.files("cluster of " + password)));
    }

    private static ServerToken token(String password, String ca) {
        return parse(Bootstrap.token(password, Map.of("ServerCA", ca.getBytes(StandardCharsets.UTF_8))));
    }

    private static ServerToken parse(String text) {
        return ServerToken.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
