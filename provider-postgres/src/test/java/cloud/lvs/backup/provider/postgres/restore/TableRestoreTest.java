package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class TableRestoreTest {
    private final TestCluster source = TestCluster.running();
    private final TestCluster target = TestCluster.running();

    @TempDir
    Path scratch = Path.of("");

    private InMemoryBackup backup;

    @BeforeAll
    void fill() throws Exception {
        SampleCluster.fillSmall(source);
        backup = HandMadeBackup.of(source).globals().database("app", "custom").build();
        target.execute(
                "postgres", "CREATE TABLESPACE \"fast disk\" LOCATION '" + target.newDirectory("elsewhere") + "'");
        Restoring.of(backup, target, scratch).execute();
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain", "split", "script"})
    void bringsATableBackWithAllThatBelongsToIt(String form) throws Exception {
        HandMadeBackup making = HandMadeBackup.of(source);
        InMemoryBackup stored = switch (form) {
            case "split" -> making.splitDatabase("app").build();
            case "script" -> making.script().build();
            default -> making.database("app", form).build();
        };
        List<String> before = ClusterState.database(target, "app");
        target.execute("app", "DROP TABLE sales.purchase CASCADE");

        RestoreReport report = Restoring.of(stored, target, scratch)
                .item("app")
                .table("sales.purchase")
                .execute();

        assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(report.nextSteps())
                .singleElement()
                .asString()
                .contains("ALTER TABLE ONLY sales.purchase ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY");
        target.execute(
                "app",
                report.nextSteps().get(0).substring(report.nextSteps().get(0).indexOf("ALTER TABLE")),
                "CREATE VIEW sales.open_purchase AS SELECT * FROM sales.purchase WHERE state = 'new'",
                "CREATE MATERIALIZED VIEW sales.turnover AS SELECT state, sum(amount) AS total FROM sales.purchase"
                        + " GROUP BY state",
                "CREATE UNIQUE INDEX turnover_state ON sales.turnover (state)",
                "GRANT SELECT ON sales.open_purchase, sales.turnover TO reporting");
        assertThat(ClusterState.database(target, "app")).containsExactlyInAnyOrderElementsOf(before);
        assertThat(target.databases()).containsExactlyInAnyOrder("app", "postgres", "template1");
    }

    @Test
    void bringsPartitionsWithTheirTable() throws Exception {
        List<String> before = ClusterState.database(target, "app");
        target.execute("app", "DROP TABLE sales.event");

        Restoring.of(backup, target, scratch).item("app").table("sales.event").execute();

        assertThat(ClusterState.database(target, "app")).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void takesNamesAsSqlSpellsThem() throws Exception {
        List<String> before = ClusterState.database(target, "app");
        target.execute("app", "DROP TABLE \"Odd, Schema\".\"select\"");

        Restoring.of(backup, target, scratch)
                .item("app")
                .table("\"Odd, Schema\".\"select\"")
                .execute();

        assertThat(ClusterState.database(target, "app")).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void makesANewDatabaseWithTheRowsOfOneTable() throws Exception {
        Restoring.of(backup, target, scratch)
                .item("app")
                .table("sales.customer")
                .as("only customers")
                .execute();
        try {
            assertThat(target.query("only customers", "SELECT count(*) FROM sales.customer"))
                    .containsExactly("100");
            assertThat(target.query("only customers", "SELECT count(*) FROM sales.purchase"))
                    .containsExactly("0");
        } finally {
            target.execute("postgres", "DROP DATABASE \"only customers\"");
        }
    }

    @Test
    void refusesATableThatExistsAndOneThatTheDumpDoesNotHave() throws Exception {
        List<String> before = ClusterState.database(target, "app");

        BackupException exists = refusal(Restoring.of(backup, target, scratch)
                .item("app")
                .table("sales.customer")
                .withConsent());
        BackupException unknown =
                refusal(Restoring.of(backup, target, scratch).item("app").table("sales.nosuch"));

        assertThat(exists.kind()).isEqualTo(Kind.CONFIG);
        assertThat(exists).hasMessageContaining("table sales.customer: exists in database 'app'");
        assertThat(unknown.kind()).isEqualTo(Kind.CONFIG);
        assertThat(unknown.remedy()).contains("sales.purchase");
        assertThat(ClusterState.database(target, "app")).isEqualTo(before);
    }

    @Test
    void leavesNothingBehindWhenTheTableDoesNotFit() throws Exception {
        target.execute("app", "DROP TABLE sales.purchase CASCADE", "ALTER TYPE sales.state RENAME TO former_state");
        List<String> before = ClusterState.database(target, "app");
        try {
            BackupException failed =
                    refusal(Restoring.of(backup, target, scratch).item("app").table("sales.purchase"));

            assertThat(failed.kind()).isEqualTo(Kind.FAILED);
            assertThat(failed).hasMessageContaining("type \"sales.state\" does not exist");
            assertThat(ClusterState.database(target, "app")).isEqualTo(before);
            assertThat(target.databases()).noneMatch(name -> name.startsWith("lvs_"));
        } finally {
            target.execute("postgres", "DROP DATABASE app");
            Restoring.of(backup, target, scratch).item("app").execute();
        }
    }

    @Test
    void refusesACutDumpBeforeItTouchesAnything() throws Exception {
        StoredArtifact dump = HandMadeBackup.artifact(backup, "app", "pg-database");

        BackupException refused = refusal(Restoring.of(backup.cutShort(dump), target, scratch)
                .item("app")
                .table("sales.purchase")
                .as("never made"));

        assertThat(refused.kind()).isEqualTo(Kind.VERIFICATION);
        assertThat(target.databases()).containsExactlyInAnyOrder("app", "postgres", "template1");
    }

    private static BackupException refusal(Restoring restoring) {
        return catchThrowableOfType(BackupException.class, restoring::execute);
    }
}
