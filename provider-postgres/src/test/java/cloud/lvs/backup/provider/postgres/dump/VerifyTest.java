package cloud.lvs.backup.provider.postgres.dump;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresSourceProvider;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
class VerifyTest {
    private final TestCluster cluster = TestCluster.running();

    @TempDir
    Path scratch = Path.of("");

    @BeforeAll
    void fill() {
        SampleCluster.addGlobals(cluster);
        SampleCluster.addApp(cluster, 500);
        SampleCluster.addSmall(cluster, "with space");
        SampleCluster.addSmall(cluster, "two\nlines");
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void provesAWholeBackup() throws Exception {
        Verification verification = verify(HandMadeBackup.whole(cluster));

        assertThat(verification.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(verification.checks())
                .extracting(Check::name)
                .contains("dump cluster", "dump app", "dump two\nlines", "tables app", "rows app", "rows with space");
        assertThat(verification.checks())
                .filteredOn(check -> check.name().equals("rows with space"))
                .extracting(Check::detail)
                .containsExactly("1 tables have the rows that the manifest notes");
    }

    @Test
    void provesPlainAndSplitDumpsAndScriptsOfEverything() throws Exception {
        assertPassed(HandMadeBackup.of(cluster).database("app", "plain").build());
        assertPassed(HandMadeBackup.of(cluster).splitDatabase("app").build());
        cluster.execute("postgres", "DROP DATABASE IF EXISTS \"two\nlines\"");
        try {
            InMemoryBackup script = HandMadeBackup.of(cluster).script().build();
            assertPassed(script);
            assertThat(verify(script).checks())
                    .extracting(Check::detail)
                    .anyMatch(detail -> detail.contains("4 databases"));
        } finally {
            SampleCluster.addSmall(cluster, "two\nlines");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain"})
    void findsADumpCutAnywhere(String format) throws Exception {
        InMemoryBackup backup =
                HandMadeBackup.of(cluster).database("app", format).build();
        StoredArtifact dump = HandMadeBackup.artifact(backup, "app", "pg-database");
        byte[] whole = bytes(backup, dump);

        for (int percent : List.of(1, 10, 45, 90, 99)) {
            assertFailed(backup.holding(dump, Arrays.copyOf(whole, whole.length * percent / 100)), "dump app");
        }
        assertFailed(backup.holding(dump, Arrays.copyOf(whole, whole.length - 100)), "dump app");
    }

    @Test
    void isNotFooledByACutThatEndsLikeARow() throws Exception {
        InMemoryBackup backup =
                HandMadeBackup.of(cluster).database("app", "plain").build();
        StoredArtifact dump = HandMadeBackup.artifact(backup, "app", "pg-database");
        String whole = new String(bytes(backup, dump), StandardCharsets.UTF_8);
        // What pg_dump leaves when its backend dies in the middle of a table.
        String cut =
                whole.substring(0, whole.indexOf('\n', whole.indexOf("COPY sales.purchase") + 5000)) + "\n\\.\n\n\n";
        // And what a row may hold: the very text that a dump ends with.
        String misleading = whole.substring(0, whole.indexOf("-- PostgreSQL database dump complete") + 36) + "\n--\n\n";

        assertFailed(backup.holding(dump, cut.getBytes(StandardCharsets.UTF_8)), "dump app");
        assertFailed(backup.holding(dump, misleading.getBytes(StandardCharsets.UTF_8)), "dump app");
        assertFailed(
                backup.holding(
                        dump,
                        whole.replaceAll("(?m)^\\\\unrestrict .*", "\\\\unrestrict other")
                                .getBytes(StandardCharsets.UTF_8)),
                "dump app");
        assertPassed(backup.holding(
                dump, whole.replaceAll("(?m)^\\\\(un)?restrict .*\n", "").getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void findsAScriptOfEverythingCutBetweenTwoDatabases() throws Exception {
        cluster.execute("postgres", "DROP DATABASE IF EXISTS \"two\nlines\"");
        try {
            InMemoryBackup backup = HandMadeBackup.of(cluster).script().build();
            StoredArtifact script = HandMadeBackup.artifact(backup, "cluster", "pgdumpall");
            String whole = new String(bytes(backup, script), StandardCharsets.UTF_8);
            String cut = whole.substring(0, whole.indexOf("-- Database \"with space\" dump"));

            assertFailed(backup.holding(script, cut.getBytes(StandardCharsets.UTF_8)), "dump cluster");
            assertFailed(backup.cutShort(script), "dump cluster");
        } finally {
            SampleCluster.addSmall(cluster, "two\nlines");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\! touch /tmp/gotcha", "SELECT 1 \\! touch /tmp/gotcha\n;", "\\unrestrict `touch`"})
    void findsCommandsThatWouldRunPrograms(String command) throws Exception {
        InMemoryBackup backup =
                HandMadeBackup.of(cluster).database("app", "plain").build();
        StoredArtifact dump = HandMadeBackup.artifact(backup, "app", "pg-database");
        String hostile = HandMadeBackup.text(backup, dump)
                .replaceFirst("\nCREATE TABLE", "\n" + Matcher.quoteReplacement(command) + "\nCREATE TABLE");

        assertFailed(backup.holding(dump, hostile.getBytes(StandardCharsets.UTF_8)), "dump app");
    }

    @Test
    void findsGlobalsCut() throws Exception {
        InMemoryBackup backup = HandMadeBackup.of(cluster).globals().build();
        StoredArtifact globals = HandMadeBackup.artifact(backup, "cluster", "pg-globals");

        assertFailed(backup.cutShort(globals), "dump cluster");
    }

    @Test
    void findsWhatTheManifestDoesNotNote() throws Exception {
        InMemoryBackup backup =
                HandMadeBackup.of(cluster).database("app", "custom").build();

        assertFailed(HandMadeBackup.noting(backup, "app", "tables", "3"), "tables app");
        assertFailed(HandMadeBackup.noting(backup, "app", "table \"sales\".\"purchase\"", "499 7"), "rows app");
        StoredArtifact other = HandMadeBackup.artifact(
                HandMadeBackup.of(cluster).database("with space", "custom").build(), "with space", "pg-database");
        InMemoryBackup wrong = backup.holding(
                HandMadeBackup.artifact(backup, "app", "pg-database"),
                bytes(
                        HandMadeBackup.of(cluster)
                                .database("with space", "custom")
                                .build(),
                        other));
        assertFailed(wrong, "name app");
    }

    @Test
    void looksAtTheOtherDumpsWhenOneIsBroken() throws Exception {
        InMemoryBackup backup = HandMadeBackup.of(cluster)
                .globals()
                .database("app", "custom")
                .database("with space", "custom")
                .build();

        Verification verification = verify(backup.breaking(HandMadeBackup.artifact(backup, "app", "pg-database")));

        assertThat(verification.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("dump app");
                    assertThat(check.detail()).contains("is not what was stored");
                });
        assertThat(verification.checks()).extracting(Check::name).contains("dump with space");
    }

    private Verification verify(BackupReader backup) throws Exception {
        try (Source source = new PostgresSourceProvider()
                .create(PostgresConfig.at("nowhere.invalid").build(), new TestProviderContext(scratch))) {
            return source.verify(backup, Level.CONTENT, new TestRunContext());
        }
    }

    private void assertPassed(BackupReader backup) throws Exception {
        assertThat(verify(backup).checks()).allMatch(check -> check.status() == Check.Status.PASSED);
    }

    private void assertFailed(BackupReader backup, String check) throws Exception {
        try {
            assertThat(verify(backup).checks())
                    .filteredOn(each -> each.status() == Check.Status.FAILED)
                    .extracting(Check::name)
                    .contains(check);
        } catch (BackupException e) {
            assertThat(e.kind()).isEqualTo(Kind.VERIFICATION);
        }
    }

    private static byte[] bytes(InMemoryBackup backup, StoredArtifact artifact) throws Exception {
        try (InputStream in = backup.open(artifact)) {
            return in.readAllBytes();
        }
    }
}
