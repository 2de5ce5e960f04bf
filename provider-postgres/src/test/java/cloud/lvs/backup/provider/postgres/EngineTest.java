package cloud.lvs.backup.provider.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole way, as an operator goes it: back up or adopt, verify, rehearse, restore. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class EngineTest {
    private final TestCluster source = TestCluster.running();

    @TempDir
    Path temporary = Path.of("");

    @BeforeAll
    void fill() {
        SampleCluster.addGlobals(source);
        SampleCluster.addApp(source, 300);
        SampleCluster.addSmall(source, "quo\"ted 'name'");
        SampleCluster.addSmall(source, "cluster");
    }

    @AfterAll
    void stop() {
        source.close();
    }

    /** What the operator chose. */
    enum Way {
        ARCHIVES,
        PARTS,
        SCRIPTS,
        ONE_SCRIPT
    }

    @ParameterizedTest
    @EnumSource
    void bringsBackWhatARunCaptured(Way way) throws Exception {
        PostgresConfigBuilder config = CaptureBench.config(source).contents(PostgresConfig.Contents.FINGERPRINTS);
        switch (way) {
            case ARCHIVES -> config.format(PostgresConfig.Format.CUSTOM);
            case PARTS -> config.splitTables(new PostgresConfig.SplitTables(new ByteSize(0), 3));
            case SCRIPTS -> config.format(PostgresConfig.Format.PLAIN);
            case ONE_SCRIPT -> config.layout(PostgresConfig.Layout.CLUSTER).contents(PostgresConfig.Contents.NONE);
        }
        TestClock clock = TestClock.at("2026-11-22T03:00:00Z");
        BackupEngine engine = engine(clock);
        Job job = job(config.build(), new InMemorySink(clock), clock);

        RunReport run = engine.run(job, Mode.EXECUTE);
        BackupId id = Objects.requireNonNull(run.id(), run.toString());

        DrillReport drill = drill(engine, job, id);
        assertThat(drill.verification().checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(drill.verification().checks()).extracting(Check::name).contains("rows app");
        assertThat(drill.phases()).extracting(DrillReport.Phase::name).contains("initdb", "databases");

        try (TestCluster target = TestCluster.running()) {
            target.execute(
                    "postgres", "CREATE TABLESPACE \"fast disk\" LOCATION '" + target.newDirectory("elsewhere") + "'");
            RestoreReport restored = engine.restore(
                    job,
                    id,
                    new RestoreRequest(
                            new RestoreTarget.Place(target.url()),
                            List.of(),
                            PostgresRestoreOptions.DEFAULTS,
                            RestoreRequest.Consent.NOT_GIVEN,
                            RestoreRequest.Mode.EXECUTE));
            assertThat(restored.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(ClusterState.of(target).databases())
                    .isEqualTo(ClusterState.of(source).databases());
        }
    }

    @Test
    void adoptsWholeScriptsOfACronJobAndRehearsesThem() throws Exception {
        byte[] script = script();
        TestClock clock = TestClock.at("2026-11-22T03:00:00Z");
        InMemorySink sink = new InMemorySink(clock);
        sink.putForeign("2026/11/pgdumpall-20261121T020000Z.sql.gz", gzip(script));
        // What a pipe leaves whose first process died: gzip sees nothing wrong.
        sink.putForeign(
                "2026/11/pgdumpall-20261120T020000Z.sql.gz", gzip(Arrays.copyOf(script, script.length * 2 / 3)));
        byte[] whole = gzip(script);
        sink.putForeign("2026/11/pgdumpall-20261119T020000Z.sql.gz", Arrays.copyOf(whole, whole.length / 2));
        sink.putForeign("2026/11/pgdumpall-latest.sql.gz", whole);
        BackupEngine engine = engine(clock);
        Job job = job(CaptureBench.config(source).build(), sink, clock);

        AdoptReport report = engine.adopt(job, Mode.EXECUTE);

        assertThat(report.candidates())
                .extracting(candidate -> candidate.keys().get(0).value().substring(18, 26) + " " + candidate.state())
                .containsExactlyInAnyOrder("20261121 ADOPTED", "20261120 REFUSED", "20261119 REFUSED");
        BackupId adopted = engine.resolve(job, "latest");
        assertThat(drill(engine, job, adopted).verification().checks())
                .allMatch(check -> check.status() == Check.Status.PASSED);
        try (TestCluster target = TestCluster.running()) {
            RestoreReport restored = engine.restore(job, adopted, only("quo\"ted 'name'", target));

            assertThat(restored.items()).extracting(ItemResult::item).containsExactly("quo\"ted 'name'");
            assertThat(target.databases()).containsExactlyInAnyOrder("postgres", "template1", "quo\"ted 'name'");
            assertThatThrownBy(() -> engine.restore(job, adopted, only("nosuch", target)))
                    .hasMessageContaining("item nosuch: is not in this backup");
        }
    }

    // Vocabulary

    private static RestoreRequest only(String item, TestCluster target) {
        return new RestoreRequest(
                new RestoreTarget.Place(target.url()),
                List.of(item),
                PostgresRestoreOptions.DEFAULTS,
                RestoreRequest.Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);
    }

    private static BackupEngine engine(TestClock clock) {
        return new BackupEngine(clock, new Random(7), Map.of("lvs-backup", "test"), event -> {});
    }

    private Job job(PostgresConfig config, InMemorySink sink, TestClock clock) {
        return Job.named(
                        "postgres",
                        "postgres",
                        () -> new PostgresSourceProvider().create(config, new TestProviderContext(scratch(), clock)),
                        new NamedSink("main", sink))
                .build();
    }

    private Path scratch() {
        try {
            return Files.createTempDirectory(temporary, "scratch");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DrillReport drill(BackupEngine engine, Job job, BackupId id) throws Exception {
        return engine.drill(job, id, PostgresRestoreOptions.DEFAULTS, scratch(), Mode.EXECUTE);
    }

    private byte[] script() throws Exception {
        var backup = HandMadeBackup.of(source).script().build();
        try (InputStream in = backup.open(backup.manifest().artifacts().get(0))) {
            return in.readAllBytes();
        }
    }

    private static byte[] gzip(byte[] plain) throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        }
        return compressed.toByteArray();
    }
}
