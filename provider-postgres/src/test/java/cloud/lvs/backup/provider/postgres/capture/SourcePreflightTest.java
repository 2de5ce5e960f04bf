package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.testing.PostgresBinaries;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told before a run, and what a run without those rights does. The cluster demands passwords. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SourcePreflightTest {
    private static final String PASSWORD = "the:super\\user's";

    private TestCluster cluster;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startCluster() {
        cluster = TestCluster.plan().password(PASSWORD).start();
        cluster.execute(
                "postgres",
                "CREATE ROLE weak LOGIN PASSWORD 'weak'",
                "CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data",
                "CREATE ROLE full LOGIN PASSWORD 'full' BYPASSRLS IN ROLE pg_read_all_data",
                "ALTER ROLE full SET lo_compat_privileges = on",
                "ALTER ROLE full SET default_transaction_read_only = on",
                "ALTER ROLE full SET statement_timeout = '1ms'",
                "CREATE DATABASE plain",
                "CREATE DATABASE guarded",
                "CREATE DATABASE heavy",
                "CREATE DATABASE \"closed off\"",
                "REVOKE CONNECT ON DATABASE \"closed off\" FROM PUBLIC",
                "CREATE DATABASE subscriber");
        cluster.execute("plain", "CREATE TABLE t AS SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) i");
        cluster.execute("guarded", "CREATE TABLE t AS SELECT 1 AS i", "ALTER TABLE t ENABLE ROW LEVEL SECURITY");
        cluster.execute(
                "heavy",
                "SELECT lo_from_bytea(77, 'x')",
                "CREATE FOREIGN DATA WRAPPER wrapper",
                "CREATE SERVER far FOREIGN DATA WRAPPER wrapper",
                "CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'hidden')");
        cluster.execute(
                "subscriber",
                "CREATE TABLE t (i int)",
                "CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere password=hidden' PUBLICATION p WITH (connect = false,"
                        + " slot_name = NONE, enabled = false, create_slot = false)");
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void makeScratch() throws Exception {
        bench = new CaptureBench(cluster, Files.createDirectories(temporary.resolve("scratch")));
    }

    @AfterEach
    void leavesNothingBehind() {
        assertThat(bench.leftSessions()).as("sessions").isEmpty();
        assertThat(bench.leftProcesses()).as("processes").isEmpty();
        assertThat(temporary.resolve("scratch")).isEmptyDirectory();
    }

    private PostgresConfigBuilder as(String user) {
        return PostgresConfig.at("127.0.0.1")
                .port(cluster.port())
                .user(user)
                .password(new Secret(user.equals("postgres") ? PASSWORD : user))
                .parallelism(2);
    }

    private List<Finding> preflight(PostgresConfig config) throws Exception {
        try (Source source = bench.source(config)) {
            return source.preflight(bench.run);
        }
    }

    private BackupException refusal(PostgresConfig config) {
        return catchThrowableOfType(BackupException.class, () -> preflight(config));
    }

    private static void assertWarned(List<Finding> findings, String target, String problem, String remedy) {
        assertThat(findings).anySatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.target()).isEqualTo(target);
            assertThat(finding.problem()).isEqualTo(problem);
            assertThat(finding.remedy()).isEqualTo(remedy);
        });
    }

    // Who may

    @Test
    void aSuperuserHasNothingToFear() throws Exception {
        List<Finding> findings = preflight(as("postgres").build());

        assertThat(findings).allMatch(finding -> finding.severity() == Severity.INFO);
        assertThat(findings).extracting(Finding::problem).anyMatch(text -> text.startsWith("runs PostgreSQL 15."));
    }

    @Test
    void namesTheGrantThatIsMissingInEachDatabase() throws Exception {
        List<Finding> findings = preflight(as("reader").build());

        assertWarned(
                findings,
                "database 'closed off'",
                "role reader may not connect to it; GRANT CONNECT ON DATABASE \"closed off\" TO \"reader\"; or name it in"
                        + " exclude",
                "");
        assertWarned(
                findings,
                "database 'guarded'",
                "has 1 tables whose row-level security hides rows from role \"reader\", e.g. public.t",
                "ALTER ROLE \"reader\" BYPASSRLS;");
        assertWarned(
                findings,
                "database 'heavy'",
                "has 1 large objects that role \"reader\" may not read, e.g. 77",
                "ALTER ROLE \"reader\" SET lo_compat_privileges = on; (as a superuser)");
        assertWarned(
                findings,
                "database 'heavy'",
                "has 1 user mappings of foreign servers whose options (passwords) will be missing, e.g. for server far",
                "connect as a superuser, or keep those options elsewhere");
        assertWarned(
                findings,
                "database 'subscriber'",
                "has 1 subscriptions, which only a superuser may dump",
                "connect as a superuser, or set allowMissingSubscriptions: true");
        assertThat(findings).noneMatch(finding -> finding.target().equals("database 'plain'"));
    }

    @Test
    void aRoleWithoutAnyRightIsToldSo() throws Exception {
        List<Finding> findings = preflight(as("weak").build());

        assertWarned(
                findings,
                "database 'plain'",
                "has 1 tables and sequences that role \"weak\" may not read, e.g. public.t",
                "GRANT pg_read_all_data TO \"weak\";");
        assertWarned(
                findings,
                "role weak",
                "may not read the password verifiers of the roles, so that roles and tablespaces cannot be dumped",
                "GRANT pg_read_all_data TO \"weak\"; or set rolePasswords: false");
    }

    @Test
    void whatMayBeReadIsCapturedTheRestFailsWithItsRemedy() {
        RunReport report = bench.engineRun(as("reader").build());

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.items())
                .filteredOn(each -> each.status() == ItemResult.Status.DONE)
                .extracting(ItemResult::item)
                .containsExactly("cluster", "template1", "plain", "postgres");
        assertThat(item(report.items(), "guarded").remedy()).endsWith("ALTER ROLE \"reader\" BYPASSRLS;");
        assertThat(item(report.items(), "heavy").remedy()).contains("lo_compat_privileges");
        assertThat(report.failures())
                .filteredOn(each -> each.target().equals("item guarded"))
                .extracting(Failure::remedy)
                .containsExactly(item(report.items(), "guarded").remedy());
        assertThat(item(report.items(), "closed off").reason()).contains("GRANT CONNECT ON DATABASE \"closed off\"");
        assertThat(item(report.items(), "subscriber").remedy()).contains("allowMissingSubscriptions");
    }

    @Test
    void theRoleOfTheDocumentationIsEnough() {
        RunReport report = bench.engineRun(
                as("full").exclude("closed off").allowMissingSubscriptions().build());

        assertThat(report.failures()).isEmpty();
        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.warnings())
                .anyMatch(warning -> warning.contains("has 1 subscriptions, which only a superuser may dump"))
                .anyMatch(warning -> warning.contains("subscriptions not dumped"));
    }

    @Test
    void fewerSessionsThanARunMayNeedAreTold() throws Exception {
        cluster.execute("postgres", "ALTER ROLE full CONNECTION LIMIT 4");
        try {
            assertWarned(
                    preflight(as("full").build()),
                    "role full",
                    "may have 4 sessions at once, but a run may need 5",
                    "ALTER ROLE \"full\" CONNECTION LIMIT 5; or lower parallelism");
        } finally {
            cluster.execute("postgres", "ALTER ROLE full CONNECTION LIMIT -1");
        }
    }

    // Getting there

    @Test
    void aWrongPasswordIsAMatterOfCredentials() {
        BackupException refused =
                refusal(as("postgres").password(new Secret("wrong")).build());

        assertThat(refused.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(refused)
                .hasMessageContaining("does not let role postgres in")
                .hasMessageContaining("password authentication failed");
        assertThat(refused.remedy()).contains("passwordFile");
        assertThat(bench.engineRun(as("postgres").password(new Secret("wrong")).build())
                        .failures())
                .first()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS));
    }

    @Test
    void noPasswordIsAMatterOfCredentials() {
        BackupException refused =
                refusal(PostgresConfig.at("127.0.0.1").port(cluster.port()).build());

        assertThat(refused.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(refused.remedy()).isEqualTo("set password or passwordFile");
    }

    @Test
    void aPasswordComesFromAFileThatOthersMayRead() throws Exception {
        Path file = Files.writeString(temporary.resolve("password"), PASSWORD + "\n");
        PostgresConfig config = PostgresConfig.at("localhost")
                .port(cluster.port())
                .passwordFile(file)
                .include("plain")
                .build();

        assertThat(bench.engineRun(config).failures()).isEmpty();
        assertThat(bench.context.redacted()).contains(PASSWORD);
    }

    @Test
    void aPasswordIsInNoArgumentAndNoEnvironment() {
        AtomicReference<String> seen = new AtomicReference<>("");
        RunReport report = bench.engineRun(
                as("postgres").include("plain").build(),
                "plain",
                1,
                () -> seen.set(ProcessHandle.current()
                        .children()
                        .map(SourcePreflightTest::argumentsAndEnvironment)
                        .reduce("", String::concat)));

        assertThat(report.failures()).isEmpty();
        assertThat(seen.get()).contains("pg_dump", "PGPASSFILE=").doesNotContain("super", "the:");
    }

    private static String argumentsAndEnvironment(ProcessHandle process) {
        try {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            return new String(Files.readAllBytes(proc.resolve("cmdline")))
                    + new String(Files.readAllBytes(proc.resolve("environ")));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void aTimeZoneThatTheServerDoesNotKnowIsNamedWithWhatHelps() throws Exception {
        TimeZone before = TimeZone.getDefault();
        BackupException refused;
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("IST"));
            refused = refusal(as("postgres").build());
        } finally {
            TimeZone.setDefault(before);
        }

        assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
        assertThat(refused.problem()).contains("\"TimeZone\": \"IST\"");
        assertThat(refused.remedy()).contains("TZ=UTC");
    }

    @Test
    void aServerThatIsNotThereIsSaidToBeUnreachable() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        BackupException refused = refusal(as("postgres").port(free).build());

        assertThat(refused.kind()).isEqualTo(Kind.SOURCE);
        assertThat(refused).hasMessageStartingWith("PostgreSQL server 127.0.0.1:" + free + ": cannot be reached: ");
    }

    @Test
    void aHostThatIsNotKnownIsSaidToBeUnreachable() {
        BackupException refused =
                refusal(PostgresConfig.at("no-such-host.invalid").build());

        assertThat(refused.kind()).isEqualTo(Kind.SOURCE);
        assertThat(refused).hasMessageContaining("cannot be reached");
    }

    @Test
    void aServerWithoutTlsIsRefusedWhereItIsRequired() {
        BackupException refused =
                refusal(as("postgres").sslMode(PostgresConfig.SslMode.REQUIRE).build());

        assertThat(refused.kind()).isEqualTo(Kind.SOURCE);
        assertThat(refused).hasMessageContaining("TLS").hasMessageContaining("sslMode require");
    }

    // The programs

    @Test
    void saysWhereItLookedForPrograms() throws Exception {
        List<Finding> findings = preflight(
                as("postgres").binDirectory(temporary.resolve("nowhere")).build());

        assertThat(findings).anySatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.target()).isEqualTo("pg_dump, pg_dumpall");
            assertThat(finding.problem())
                    .isEqualTo("were found nowhere: looked in [" + temporary.resolve("nowhere") + "]");
            assertThat(finding.remedy()).contains("postgresql-client-15", "binDirectory");
        });
    }

    @Test
    void refusesProgramsOlderThanTheServer() throws Exception {
        try (TestCluster newer =
                TestCluster.plan().binaries(PostgresBinaries.newer()).start()) {
            RunReport report = bench.engineRun(CaptureBench.config(newer).build());

            assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(report.failures()).first().satisfies(failure -> {
                assertThat(failure.problem())
                        .contains("of version 18 or later, as the server (18.6", "are not installed; found: 15.");
                assertThat(failure.remedy()).startsWith("install the package postgresql-client-18");
            });
            assertThat(report.artifacts()).isEmpty();
        }
    }

    @Test
    void choosesTheOldestThatIsNewEnough() throws Exception {
        for (int major : new int[] {14, 15, 16, 17}) {
            fakeVersion(temporary.resolve("path-" + major), major);
        }
        String path = String.join(
                ":",
                List.of(17, 14, 16, 15).stream()
                        .map(major -> temporary.resolve("path-" + major).toString())
                        .toList());

        Installation found = onlyAlong(path).oldestFor(new PostgresVersion(16, 3, "16.3"), bench.run, Programs.PG_DUMP);

        assertThat(found.directory()).isEqualTo(temporary.resolve("path-16"));
        assertThat(found.version()).hasToString("16.1 (fake)");
    }

    /** What is installed on this machine counts too, but is older. */
    private static Programs onlyAlong(String path) {
        return Programs.searching(null, path);
    }

    private static void fakeVersion(Path directory, int major) throws Exception {
        Path program = Files.createDirectories(directory).resolve("pg_dump");
        Files.writeString(program, "#!/bin/sh\necho 'pg_dump (PostgreSQL) " + major + ".1 (fake)'\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }
}
