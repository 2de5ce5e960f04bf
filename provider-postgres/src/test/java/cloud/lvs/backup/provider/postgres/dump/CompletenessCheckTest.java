package cloud.lvs.backup.provider.postgres.dump;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real dumps of a database with one of everything, cut at any place. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletenessCheckTest {
    @TempDir
    Path temporary = Path.of("");

    private byte[] archive = {};
    private byte[] script = {};
    private byte[] globals = {};
    private byte[] everything = {};

    @BeforeAll
    void dump() throws Exception {
        Path scratch = Files.createDirectories(temporary.resolve("scratch"));
        try (TestCluster cluster = TestCluster.running()) {
            SampleCluster.fillSmall(cluster);
            PostgresConfigBuilder config = CaptureBench.config(cluster).include("app");
            archive = captured(new CaptureBench(cluster, scratch), config.build(), "app");
            script = captured(
                    new CaptureBench(cluster, scratch),
                    config.format(PostgresConfig.Format.PLAIN).build(),
                    "app");
            globals = captured(new CaptureBench(cluster, scratch), config.build(), "cluster");
            everything = captured(
                    new CaptureBench(cluster, scratch),
                    config.layout(PostgresConfig.Layout.CLUSTER).build(),
                    "cluster");
        }
    }

    @AfterAll
    void forget() {
        archive = new byte[0];
    }

    private static byte[] captured(CaptureBench bench, PostgresConfig config, String item) throws Exception {
        bench.capture(config);
        StoredArtifact artifact = bench.artifact(item);
        return bench.artifacts.bytes(artifact);
    }

    private static Optional<String> flaw(DumpFormat format, byte[] bytes, int length, int chunk) {
        CompletenessCheck dump = CompletenessCheck.of(format);
        for (int at = 0; at < length; at += chunk) {
            dump.take(bytes, at, Math.min(chunk, length - at));
        }
        return dump.flaw();
    }

    private static void assertWhole(DumpFormat format, byte[] bytes) {
        for (int chunk : new int[] {1, 7, 4095, 4096, 4097, 1 << 16, bytes.length}) {
            assertThat(flaw(format, bytes, bytes.length, chunk))
                    .as("by " + chunk)
                    .isEmpty();
        }
    }

    @Test
    void wholeDumpsHaveNoFlawHoweverTheyArrive() {
        assertWhole(DumpFormat.ARCHIVE, archive);
        assertWhole(DumpFormat.DATABASE_SCRIPT, script);
        assertWhole(DumpFormat.CLUSTER_SCRIPT, globals);
        assertWhole(DumpFormat.CLUSTER_SCRIPT, everything);
    }

    @Test
    void anArchiveCutAnywhereShows() {
        for (int length = 0; length < archive.length; length += 13) {
            assertThat(flaw(DumpFormat.ARCHIVE, archive, length, 1 << 16))
                    .as("cut at " + length + " of " + archive.length)
                    .isPresent();
        }
        assertThat(flaw(DumpFormat.ARCHIVE, archive, archive.length - 1, 1 << 16))
                .isPresent();
        assertThat(flaw(DumpFormat.ARCHIVE, Arrays.copyOf(archive, archive.length + 1), archive.length + 1, 99))
                .isPresent();
    }

    @Test
    void aScriptCutAfterAnyLineShowsThoughItsRowsLookLikeItsEnd() {
        assertThat(new String(script, StandardCharsets.UTF_8).split("PostgreSQL database dump complete", -1).length)
                .isGreaterThan(3);
        assertCutShows(DumpFormat.DATABASE_SCRIPT, script);
        assertCutShows(DumpFormat.CLUSTER_SCRIPT, globals);
        assertCutShows(DumpFormat.CLUSTER_SCRIPT, everything);
    }

    /** White space at the very end is no loss. */
    private static void assertCutShows(DumpFormat format, byte[] bytes) {
        int end = bytes.length;
        while (bytes[end - 1] == '\n') {
            end--;
        }
        for (int length = 0; length < end; length++) {
            if (length == 0 || bytes[length - 1] == '\n') {
                assertThat(flaw(format, bytes, length, 1 << 16))
                        .as(format + " cut at " + length)
                        .isPresent();
            }
        }
        assertThat(flaw(format, bytes, end - 1, 1 << 16)).isPresent();
    }

    @Test
    void aScriptOfAnOlderClientEndsWithoutABracket() {
        byte[] old =
                "--\n-- PostgreSQL database dump\n--\n\nSET a = b;\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
                        .getBytes(StandardCharsets.UTF_8);

        assertWhole(DumpFormat.DATABASE_SCRIPT, old);
        assertThat(flaw(DumpFormat.DATABASE_SCRIPT, old, old.length - 6, 9)).isPresent();
    }

    @Test
    void theKeyOfTheEndHasToBeThatOfTheBeginning() {
        byte[] forged = new String(script, StandardCharsets.UTF_8)
                .replaceAll("\\\\unrestrict \\S+\\s*$", "\\\\unrestrict forged\n\n")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(flaw(DumpFormat.DATABASE_SCRIPT, forged, forged.length, 1 << 16))
                .isPresent();
    }

    @Test
    void oneIsNotTakenForTheOther() {
        assertThat(flaw(DumpFormat.DATABASE_SCRIPT, archive, archive.length, 1 << 16))
                .isPresent();
        assertThat(flaw(DumpFormat.ARCHIVE, script, script.length, 1 << 16)).isPresent();
        assertThat(flaw(DumpFormat.DATABASE_SCRIPT, globals, globals.length, 1 << 16))
                .isPresent();
    }
}
