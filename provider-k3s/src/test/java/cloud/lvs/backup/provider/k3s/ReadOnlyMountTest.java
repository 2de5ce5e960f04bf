package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The four states of a datastore behind {@code hostPath: readOnly}, over a real read-only bind mount. */
class ReadOnlyMountTest {
    @TempDir
    Path directory;

    private Path dataDir;
    private Path mounted;
    private Path scratch;
    private @Nullable TemporaryMount mount;

    @BeforeEach
    void makeServer() throws Exception {
        dataDir = Files.createDirectory(directory.resolve("k3s"));
        mounted = Files.createDirectory(directory.resolve("mounted"));
        scratch = Files.createDirectory(directory.resolve("scratch"));
        KineDatabase.create(dataDir).close();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mount != null) {
            mount.close();
        }
    }

    @Test
    void readsARunningServer() throws Exception {
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 200, Duration.ofMinutes(1))) {
            mountReadOnly();
            Map<String, String> facts = captured();
            KineWriter.Report committed = writer.stop();

            assertThat(facts).containsEntry("found", "live").containsEntry("restarts", "0");
            // Something of the log is in it: the database file alone ends at revision 6.
            assertThat(Long.parseLong(facts.get("maxId"))).isBetween(7L, committed.maxId());
            assertThat(committed.errors()).isZero();
        }
    }

    @Test
    void readsAServerThatWasStoppedCleanly() throws Exception {
        mountReadOnly();

        assertThat(captured()).containsEntry("found", "clean").containsEntry("maxId", "6");
    }

    @Test
    void recoversACrashedServerWithItsIndex() throws Exception {
        long committed = crash();
        mountReadOnly();

        assertThat(captured()).containsEntry("found", "live").containsEntry("maxId", Long.toString(committed));
    }

    @Test
    void recoversACrashedServerWithoutItsIndex() throws Exception {
        long committed = crash();
        Files.delete(new DataDir(dataDir).databaseFile().shm());
        mountReadOnly();

        assertThat(captured()).containsEntry("found", "crashed").containsEntry("maxId", Long.toString(committed));
    }

    /** Kills a writer and says what it had committed. */
    private long crash() throws Exception {
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 100, Duration.ofMinutes(1))) {
            TimeUnit.MILLISECONDS.sleep(200);
            writer.kill();
        }
        assertThat(new DataDir(dataDir).databaseFile().wal()).isNotEmptyFile();
        Path copy = CaptureTest.copyOf(dataDir, directory.resolve("look"));
        try (KineDatabase kine = KineDatabase.open(copy)) {
            return kine.maxId();
        }
    }

    private Map<String, String> captured() throws Exception {
        InMemoryArtifacts written = new InMemoryArtifacts();
        try (K3sSource source = new K3sSource(K3sConfig.of(mounted), new TestProviderContext(scratch))) {
            assertThat(source.preflight(new TestRunContext()))
                    .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
            CaptureReport report = source.capture(written, new TestRunContext());
            assertThat(written.bytes(written.stored().get(0)))
                    .startsWith("SQLite format 3".getBytes(StandardCharsets.US_ASCII));
            assertThat(scratch).isEmptyDirectory();
            return report.items().get(0).facts();
        }
    }

    private void mountReadOnly() throws Exception {
        TemporaryMount made = TemporaryMount.bind(dataDir, mounted);
        mount = made;
        made.makeReadOnly();
        assertThat(Files.isWritable(mounted)).isFalse();
    }
}
