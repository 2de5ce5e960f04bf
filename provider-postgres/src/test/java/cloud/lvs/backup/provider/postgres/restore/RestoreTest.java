package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.PostgresBinaries;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class RestoreTest {
    private final TestCluster source = TestCluster.running();

    @TempDir
    Path scratch = Path.of("");

    /** The roles, {@code app} as an archive and {@code with space} as a script. */
    private InMemoryBackup small;

    @BeforeAll
    void fill() throws Exception {
        SampleCluster.fill(source);
        small = HandMadeBackup.of(source)
                .globals()
                .database("app", "custom")
                .database("with space", "plain")
                .build();
    }

    @AfterAll
    void stop() {
        source.close();
    }

    @AfterEach
    void leavesNothingInTheScratchDirectory() throws Exception {
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void bringsAWholeClusterBackWithEveryPropertyAndOddName() throws Exception {
        InMemoryBackup backup = HandMadeBackup.whole(source);
        try (TestCluster target = emptyServer()) {
            RestoreReport report = Restoring.of(backup, target, scratch).execute();

            assertSame(ClusterState.of(target), ClusterState.of(source));
            assertThat(report.items())
                    .extracting(ItemResult::item)
                    .containsExactlyInAnyOrderElementsOf(backup.manifest().items().stream()
                            .map(ItemResult::item)
                            .toList());
            assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(report.checks())
                    .extracting(Check::name)
                    .contains("roles", "database two\nlines", "contents app");
            assertThat(target.query("app", "SELECT reltuples > 0 FROM pg_class WHERE relname = 'purchase'"))
                    .as("analyzed")
                    .containsExactly("t");
            assertNothingTemporary(target);
        }
    }

    @Test
    void bringsPlainAndSplitDumpsBack() throws Exception {
        InMemoryBackup backup = HandMadeBackup.of(source)
                .globals()
                .splitDatabase("app")
                .database("quo\"ted 'name'", "plain")
                .database("latin", "plain")
                .database("template1", "plain")
                .build();
        try (TestCluster target = emptyServer()) {
            RestoreReport report = Restoring.of(backup, target, scratch).execute();

            List<String> databases = List.of("app", "quo\"ted 'name'", "latin", "template1");
            assertSame(ClusterState.of(target, databases), ClusterState.of(source, databases));
            assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        }
    }

    @Test
    void goesIntoANewerServer() throws Exception {
        InMemoryBackup backup = HandMadeBackup.whole(source);
        try (TestCluster target =
                TestCluster.plan().binaries(PostgresBinaries.newer()).start()) {
            makeRoomForTheTablespace(target);

            RestoreReport report = Restoring.of(backup, target, scratch).execute();

            assertThat(inTermsOf15(contents(target))).isEqualTo(inTermsOf15(contents(source)));
            assertThat(report.checks()).noneMatch(check -> check.status() == Check.Status.FAILED);
        }
    }

    @Test
    void bringsOneDatabaseBackUnderANewName() throws Exception {
        try (TestCluster target = emptyServer()) {
            Restoring.of(small, target, scratch).item("cluster").item("app").execute();
            target.execute("app", "DROP TABLE sales.purchase CASCADE");

            RestoreReport report = Restoring.of(small, target, scratch)
                    .item("app")
                    .as("app \"copy\"")
                    .execute();

            assertThat(ClusterState.database(target, "app \"copy\"")).isEqualTo(ClusterState.database(source, "app"));
            assertThat(target.query("app", "SELECT to_regclass('sales.purchase')"))
                    .containsExactly("∅");
            assertThat(report.items()).extracting(ItemResult::item).containsExactly("app");
        }
    }

    @Test
    void bringsAPlainDumpBackUnderANewNameWithoutTouchingTheFormer() throws Exception {
        InMemoryBackup plain =
                HandMadeBackup.of(source).globals().database("app", "plain").build();
        try (TestCluster target = emptyServer()) {
            Restoring.of(plain, target, scratch).execute();
            target.execute("postgres", "ALTER DATABASE app RESET ALL", "ALTER DATABASE app CONNECTION LIMIT 3");
            List<String> changed = ClusterState.database(target, "app");

            Restoring.of(plain, target, scratch).item("app").as("copy").execute();

            assertThat(ClusterState.database(target, "copy")).isEqualTo(ClusterState.database(source, "app"));
            assertThat(ClusterState.database(target, "app")).isEqualTo(changed);
        }
    }

    @Test
    void loadsOneDatabaseWithSeveralProcesses() throws Exception {
        try (TestCluster target = emptyServer()) {
            Restoring.of(small, target, scratch).jobs(3).execute();

            assertThat(ClusterState.database(target, "app")).isEqualTo(ClusterState.database(source, "app"));
        }
    }

    @Test
    void leavesRolesThatExistAsTheyAreUnlessToldOtherwise() throws Exception {
        try (TestCluster target = emptyServer()) {
            target.execute("postgres", "CREATE ROLE app_owner NOLOGIN", "ALTER ROLE postgres PASSWORD 'mine'");
            String mine = passwordOf(target, "postgres");

            RestoreReport report = Restoring.of(small, target, scratch).execute();

            assertThat(passwordOf(target, "app_owner")).isEqualTo("∅");
            assertThat(target.query("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'app_owner'"))
                    .containsExactly("f");
            assertThat(target.query("postgres", "SELECT pg_has_role('app_owner', 'reporting', 'MEMBER')"))
                    .as("what is new may be granted")
                    .containsExactly("t");
            assertThat(report.nextSteps()).anyMatch(step -> step.contains("left as they are: app_owner, postgres"));

            Restoring.of(small, target, scratch)
                    .item("cluster")
                    .replacingRoles()
                    .execute();

            assertThat(passwordOf(target, "app_owner")).isEqualTo(passwordOf(source, "app_owner"));
            assertThat(passwordOf(target, "postgres"))
                    .as("of the role that restores")
                    .isEqualTo(mine);
        }
    }

    @Test
    void doesWithoutOwnersOnRequest() throws Exception {
        try (TestCluster target = emptyServer()) {
            BackupException refused =
                    refusal(Restoring.of(small, target, scratch).item("app"));
            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused)
                    .hasMessageContaining("roles are missing: Odd \"Role\", app_owner, reporting (restore them too with"
                            + " --item cluster, or use --set ownership=ignore and create those that policies or user"
                            + " mappings are for: reporting)");

            // The policy names a role, whoever owns the table.
            assertThat(refusal(Restoring.of(small, target, scratch).item("app").ignoringOwnership()))
                    .hasMessageContaining("roles are missing that policies or user mappings are for: reporting (create"
                            + " them on the target, or restore the roles too with --item cluster)");
            target.execute("postgres", "CREATE ROLE reporting");
            Restoring.of(small, target, scratch).item("app").ignoringOwnership().execute();
            Restoring.of(small, target, scratch)
                    .item("with space")
                    .ignoringOwnership()
                    .execute();

            assertThat(target.query("app", "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'sales'"))
                    .containsExactly("postgres");
        }
    }

    // What is refused

    @Test
    void refusesADatabaseThatHoldsSomethingUntilThereIsConsent() throws Exception {
        try (TestCluster target = emptyServer()) {
            Restoring.of(small, target, scratch).execute();
            target.execute("app", "CREATE TABLE written_since AS SELECT 1 AS one");
            ClusterState before = ClusterState.of(target);

            BackupException refused =
                    refusal(Restoring.of(small, target, scratch).item("app"));
            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused).hasMessageContaining("has databases with something in them: app");
            assertThat(ClusterState.of(target)).isEqualTo(before);

            RestoreReport report = Restoring.of(small, target, scratch)
                    .item("app")
                    .withConsent()
                    .execute();

            assertThat(ClusterState.database(target, "app")).isEqualTo(ClusterState.database(source, "app"));
            String aside = target.databases().stream()
                    .filter(name -> name.startsWith("app_before_"))
                    .findFirst()
                    .orElseThrow();
            assertThat(target.query(aside, "SELECT one FROM written_since")).containsExactly("1");
            assertThat(report.nextSteps()).anyMatch(step -> step.contains(aside));
        }
    }

    @Test
    void replacesADatabaseThatHoldsNothing() throws Exception {
        try (TestCluster target = emptyServer()) {
            target.execute("postgres", "CREATE DATABASE app TEMPLATE template0");

            Restoring.of(small, target, scratch).execute();

            assertThat(ClusterState.database(target, "app")).isEqualTo(ClusterState.database(source, "app"));
            assertThat(target.databases()).containsExactlyInAnyOrder("app", "postgres", "template1", "with space");
        }
    }

    @Test
    void refusesTheSourceAsAPlace() throws Exception {
        BackupException refused = refusal(Restoring.of(small, source, scratch));

        assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
        assertThat(refused).hasMessageContaining("is the very server that the backup is of");
    }

    @Test
    void refusesAnOlderServer() throws Exception {
        InMemoryBackup newer = HandMadeBackup.from(small, "serverVersionNum", "160004");
        try (TestCluster target = emptyServer()) {
            BackupException refused = refusal(Restoring.of(newer, target, scratch));

            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused).hasMessageContaining("older than 16, which the backup is of");
        }
    }

    @Test
    void namesEverythingTheServerLacksBeforeItTouchesIt() throws Exception {
        try (TestCluster target = TestCluster.running()) {
            StoredArtifact dump = HandMadeBackup.artifact(small, "with space", "pg-database");
            InMemoryBackup demanding = small.holding(
                    dump,
                    HandMadeBackup.text(small, dump)
                            .replaceFirst("LOCALE = '[^']*'", "LOCALE = 'xx_YY.UTF-8'")
                            .replaceFirst(
                                    "\nCREATE TABLE",
                                    "\nCREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;\nCREATE TABLE")
                            .getBytes(StandardCharsets.UTF_8));
            ClusterState before = ClusterState.of(target);

            BackupException refused = refusal(Restoring.of(demanding, target, scratch));

            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused)
                    .hasMessageContaining("database 'with space' needs the extensions postgis")
                    .hasMessageContaining("tablespace fast disk is not empty")
                    .hasMessageContaining("the locale xx_YY.UTF-8 is missing");
            assertThat(ClusterState.of(target)).isEqualTo(before);
        }
    }

    @Test
    void refusesItemsAndNamesThatDoNotFit() throws Exception {
        try (TestCluster target = emptyServer()) {
            assertThat(refusal(Restoring.of(small, target, scratch).item("nosuch")))
                    .hasMessageContaining("item nosuch: is not in this backup");
            assertThat(refusal(Restoring.of(small, target, scratch).as("two")))
                    .hasMessageContaining("names one database, but 2 are to be restored");
            assertThat(refusal(Restoring.of(
                            small,
                            new RestoreTarget.Place("postgresql://postgres:pa55@127.0.0.1:" + target.port() + "/"),
                            scratch)))
                    .hasMessageContaining("holds a password")
                    .hasMessageNotContaining("pa55");
        }
    }

    // Failures

    @Test
    void leavesNothingBehindOfADumpThatIsCutOrAltered() throws Exception {
        try (TestCluster target = emptyServer()) {
            ClusterState before = ClusterState.of(target);
            for (StoredArtifact artifact : small.manifest().artifacts()) {
                for (InMemoryBackup damaged : List.of(small.cutShort(artifact), small.breaking(artifact))) {
                    BackupException refused = refusal(Restoring.of(damaged, target, scratch));

                    assertThat(refused.kind()).as(artifact.item()).isEqualTo(Kind.VERIFICATION);
                    assertThat(ClusterState.of(target)).isEqualTo(before);
                }
            }
        }
    }

    @Test
    void leavesNothingBehindOfADumpThatChangesBetweenTheCheckAndTheRestore() throws Exception {
        try (TestCluster target = emptyServer()) {
            Restoring.of(small, target, scratch).item("cluster").execute();
            ClusterState before = ClusterState.of(target);
            for (String item : List.of("app", "with space")) {
                StoredArtifact artifact = HandMadeBackup.artifact(small, item, "pg-database");

                BackupException refused = refusal(Restoring.of(new SecondReadBreaks(small, artifact), target, scratch)
                        .item(item));

                assertThat(refused.kind()).as(item).isEqualTo(Kind.VERIFICATION);
                assertThat(ClusterState.of(target)).isEqualTo(before);
                assertNothingTemporary(target);
            }
        }
    }

    @Test
    void tellsWhatTheServerSaidAndTakesBackWhatItMade() throws Exception {
        StoredArtifact dump = HandMadeBackup.artifact(small, "with space", "pg-database");
        InMemoryBackup wrong = small.holding(
                dump,
                HandMadeBackup.text(small, dump)
                        .replaceFirst("\nCREATE TABLE", "\nSELECT 1 / 0;\nCREATE TABLE")
                        .getBytes(StandardCharsets.UTF_8));
        try (TestCluster target = emptyServer()) {
            ClusterState before = ClusterState.of(target);

            BackupException failed =
                    refusal(Restoring.of(wrong, target, scratch).item("cluster").item("with space"));

            assertThat(failed.kind()).isEqualTo(Kind.FAILED);
            assertThat(failed)
                    .hasMessageStartingWith("the restore of 'with space': ")
                    .hasMessageEndingWith(": ERROR: division by zero: SELECT 1 / 0;");
            assertThat(ClusterState.of(target)).isEqualTo(before);
            assertNothingTemporary(target);
        }
    }

    @Test
    void waitsForAServerThatCrashesToTakeBackWhatItMade() throws Exception {
        StoredArtifact dump = HandMadeBackup.artifact(small, "with space", "pg-database");
        InMemoryBackup crashing = small.holding(
                dump,
                HandMadeBackup.text(small, dump)
                        .replaceFirst(
                                "\nCREATE TABLE",
                                "\nCREATE TABLE public.nothing (a int);\n"
                                        + "COPY public.nothing FROM PROGRAM 'kill -9 \\$PPID';\nCREATE TABLE")
                        .getBytes(StandardCharsets.UTF_8));
        try (TestCluster target = emptyServer()) {
            ClusterState before = ClusterState.of(target);
            TestRunContext run = new TestRunContext();

            BackupException failed = refusal(Restoring.of(crashing, target, scratch)
                    .item("cluster")
                    .item("with space")
                    .in(run));

            assertThat(target.logText()).contains("was terminated by signal 9: Killed");
            assertThat(failed.kind()).isEqualTo(Kind.FAILED);
            assertThat(failed).hasMessageStartingWith("the restore of '");
            assertThat(failed.remedy()).isEqualTo("see the server's log for why it broke off, then restore again");
            assertThat(ClusterState.of(target)).isEqualTo(before);
            assertNothingTemporary(target);
            assertThat(run.warnings()).isEmpty();
        }
    }

    @Test
    void leavesWhatHasItsNameAloneWhenTheChecksAreBrokenOff() throws Exception {
        TestRunContext run = new TestRunContext();
        try (TestCluster target = emptyServer()) {
            Thread restoring = Thread.currentThread();

            Throwable thrown = catchThrowable(() -> Restoring.of(small, target, scratch)
                    .in(RehearsalTest.interruptingAt("checks", restoring, run))
                    .execute());

            assertThat(thrown).isInstanceOf(InterruptedException.class);
            List<String> databases = List.of("app", "with space");
            assertSame(ClusterState.of(target, databases), ClusterState.of(source, databases));
            assertThat(run.warnings())
                    .singleElement()
                    .asString()
                    .startsWith("everything was restored and has its name on ")
                    .endsWith(", but was not checked to its end");
        }
    }

    @Test
    void tellsThePlanWithoutDoingIt() throws Exception {
        try (TestCluster target = emptyServer()) {
            ClusterState before = ClusterState.of(target);

            RestoreReport report = Restoring.of(small, target, scratch).dry().execute();

            assertThat(ClusterState.of(target)).isEqualTo(before);
            assertThat(report.checks()).isEmpty();
            assertThat(report.steps())
                    .anyMatch(step -> step.startsWith("Would restore database 'app', 13 tables and "))
                    .anyMatch(step -> step.startsWith("Would restore 4 roles and 1 tablespaces"));
        }
    }

    // In place

    @Test
    void replacesInPlaceAndTakesItBack() throws Exception {
        try (TestCluster own = emptyServer()) {
            SampleCluster.addSmall(own, "shop");
            SampleCluster.addSmall(own, "n".repeat(60));
            InMemoryBackup backup = HandMadeBackup.of(own)
                    .globals()
                    .database("shop", "custom")
                    .database("n".repeat(60), "custom")
                    .build();
            own.execute("shop", "CREATE TABLE newer AS SELECT 1 AS one", "DELETE FROM whoami");
            List<String> damaged = ClusterState.database(own, "shop");
            RestoreTarget inPlace = new RestoreTarget.InPlace();

            assertThat(refusal(Restoring.of(backup, inPlace, scratch).configured(own)))
                    .hasMessageContaining("is in use, and this replaces databases");
            try (var session = own.connect("shop")) {
                Restoring.of(backup, inPlace, scratch)
                        .configured(own)
                        .withConsent()
                        .execute();
                assertThat(session.isValid(5))
                        .as("a session in what was replaced")
                        .isFalse();
            }
            assertThat(own.query("shop", "SELECT count(*) FROM whoami")).containsExactly("20");
            assertThat(own.databases())
                    .anyMatch(name -> name.startsWith("n".repeat(30) + "n") && name.contains("_before_"));

            RestoreReport undone = Restoring.of(InMemoryBackup.none(), new RestoreTarget.Undo(), scratch)
                    .configured(own)
                    .withConsent()
                    .execute();

            assertThat(ClusterState.database(own, "shop")).isEqualTo(damaged);
            assertThat(undone.items()).extracting(ItemResult::item).containsExactlyInAnyOrder("shop", "n".repeat(60));
            assertThat(own.databases()).noneMatch(name -> name.contains("_before_"));
            assertThat(refusal(Restoring.of(InMemoryBackup.none(), new RestoreTarget.Undo(), scratch)
                            .configured(own)
                            .withConsent()))
                    .hasMessageContaining("holds no database that a restore put aside");
        }
    }

    @Test
    void refusesAnotherServerInPlace() throws Exception {
        try (TestCluster other = emptyServer()) {
            assertThat(refusal(Restoring.of(small, new RestoreTarget.InPlace(), scratch)
                            .configured(other)
                            .withConsent()))
                    .hasMessageContaining("is another server than the one the backup is of");
        }
    }

    // What a CronJob left

    @Test
    void bringsAScriptOfEverythingBack() throws Exception {
        try (TestCluster legacy = TestCluster.running();
                TestCluster target = TestCluster.running()) {
            SampleCluster.fill(legacy);
            legacy.execute("postgres", "DROP DATABASE \"two\nlines\"");
            InMemoryBackup script = HandMadeBackup.of(legacy).script().build();
            makeRoomForTheTablespace(target);

            Restoring.of(script, target, scratch).execute();

            assertSame(ClusterState.of(target), ClusterState.of(legacy));
        }
    }

    @Test
    void bringsOneDatabaseOutOfAScriptOfEverything() throws Exception {
        try (TestCluster legacy = TestCluster.running();
                TestCluster target = TestCluster.running()) {
            SampleCluster.addSmall(legacy, "with space");
            SampleCluster.addSmall(legacy, "other");
            InMemoryBackup script = HandMadeBackup.of(legacy).script().build();

            RestoreReport report = Restoring.of(script, target, scratch)
                    .item("with space")
                    .as("found again")
                    .execute();

            assertThat(ClusterState.contents(target, "found again"))
                    .isEqualTo(ClusterState.contents(legacy, "with space"));
            assertThat(target.databases()).containsExactlyInAnyOrder("found again", "postgres", "template1");
            assertThat(report.items()).extracting(ItemResult::item).containsExactly("with space");
            StoredArtifact artifact = script.manifest().artifacts().get(0);
            assertThat(refusal(Restoring.of(script.cutShort(artifact), target, scratch))
                            .kind())
                    .isEqualTo(Kind.VERIFICATION);
        }
    }

    // Vocabulary

    /** A server whose host has the directory of the source's tablespace, as an operator would have made it. */
    private TestCluster emptyServer() {
        TestCluster target = TestCluster.running();
        makeRoomForTheTablespace(target);
        return target;
    }

    /** Both servers are on one host, where the source's own directory is taken. */
    private static void makeRoomForTheTablespace(TestCluster target) {
        target.execute(
                "postgres",
                "CREATE TABLESPACE \"fast disk\" LOCATION '" + target.newDirectory("tablespace of another") + "'");
    }

    private static void assertSame(ClusterState restored, ClusterState expected) {
        assertThat(withoutTablespaceOwner(restored)).isEqualTo(withoutTablespaceOwner(expected));
        expected.databases()
                .forEach((name, lines) ->
                        assertThat(restored.databases().get(name)).as(name).isEqualTo(lines));
        assertThat(restored.databases().keySet()).isEqualTo(expected.databases().keySet());
    }

    /** The tablespace was made beforehand. */
    private static List<String> withoutTablespaceOwner(ClusterState state) {
        return state.globals().stream()
                .filter(line -> !line.startsWith("tablespace|"))
                .toList();
    }

    private static Map<String, List<String>> contents(TestCluster cluster) {
        Map<String, List<String>> databases = new TreeMap<>();
        cluster.databases().forEach(name -> databases.put(name, ClusterState.contents(cluster, name)));
        return databases;
    }

    /** PostgresVersion 17 has one more privilege, which owners get, and version 16 spells the text of views in fewer words. */
    private static Map<String, List<String>> inTermsOf15(Map<String, List<String>> databases) {
        Map<String, List<String>> translated = new TreeMap<>();
        databases.forEach((name, lines) -> translated.put(
                name,
                lines.stream()
                        .filter(line -> !line.startsWith("view|"))
                        .map(line -> line.replace("=arwdDxtm/", "=arwdDxt/"))
                        .toList()));
        return translated;
    }

    private static String passwordOf(TestCluster cluster, String role) {
        return cluster.query("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = '" + role + "'")
                .get(0);
    }

    private static void assertNothingTemporary(TestCluster target) {
        assertThat(target.databases()).noneMatch(name -> name.startsWith("lvs_"));
        assertThat(target.query(
                        "postgres", "SELECT application_name FROM pg_stat_activity WHERE application_name ~ '^lvs'"))
                .isEmpty();
    }

    private static BackupException refusal(Restoring restoring) {
        return catchThrowableOfType(BackupException.class, restoring::execute);
    }
}
