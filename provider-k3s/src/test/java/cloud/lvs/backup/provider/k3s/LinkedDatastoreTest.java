package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Databases that k3s reaches by another name than the one they were made under. Whatever a writer had committed when a
 * backup began is in it, or there is no backup.
 */
class LinkedDatastoreTest {
    private static final int PODS = 50;

    @TempDir
    Path directory;

    private Path dataDir;
    private Path disk;
    private Path scratch;
    private Path name;

    @BeforeEach
    void makeServer() throws Exception {
        dataDir = directory.resolve("k3s");
        disk = Files.createDirectory(directory.resolve("disk"));
        scratch = Files.createDirectory(directory.resolve("scratch"));
        name = KineDatabase.file(dataDir);
        KineDatabase.create(dataDir).close();
    }

    @Test
    void readsTheLogBesideTheFileThatALinkLeadsTo() throws Exception {
        linkFile(disk.resolve("real.db"));

        assertThatEveryStateIsReadWhole();
    }

    @Test
    void readsTheLogOfAFileThatARelativeLinkLeadsTo() throws Exception {
        Files.move(name, disk.resolve("real.db"));
        Files.createSymbolicLink(name, dataDir.resolve("server/db").relativize(disk.resolve("real.db")));

        assertThatEveryStateIsReadWhole();
    }

    @Test
    void readsTheLogAtTheEndOfSeveralLinks() throws Exception {
        Files.move(name, disk.resolve("real.db"));
        Path second = Files.createSymbolicLink(disk.resolve("second.db"), Path.of("real.db"));
        Path way = Files.createSymbolicLink(directory.resolve("way"), disk);
        Files.createSymbolicLink(name, way.resolve(second.getFileName()));

        assertThatEveryStateIsReadWhole();
    }

    @Test
    void readsTheLogInADirectoryThatALinkLeadsTo() throws Exception {
        Path db = dataDir.resolve("server/db");
        Files.move(db, disk.resolve("db"));
        Files.createSymbolicLink(db, disk.resolve("db"));

        assertThatEveryStateIsReadWhole();
    }

    @Test
    void readsTheLogOfADataDirectoryThatALinkLeadsTo() throws Exception {
        Files.move(dataDir, disk.resolve("k3s"));
        Files.createSymbolicLink(dataDir, disk.resolve("k3s"));

        assertThatEveryStateIsReadWhole();
    }

    @Test
    void takesNoLogThatLiesBesideTheLinkForTheDatabases() throws Exception {
        // What a server left that had its database here, before it was moved and linked.
        Path stale = CaptureTest.crashedCopy(directory.resolve("stale"), 3);
        linkFile(disk.resolve("real.db"));
        Files.copy(new DataDir(stale).databaseFile().wal(), name.resolveSibling("state.db-wal"));

        assertThat(captured()).containsEntry("found", "clean").containsEntry("maxId", "6");
    }

    @Test
    void refusesALinkThatLeadsNowhere() throws Exception {
        Path real = disk.resolve("real.db");
        linkFile(real);
        Files.delete(real);
        assertRefused("is a symbolic link to " + real + ", which does not exist");

        Files.delete(disk);
        assertRefused("whose directory does not exist");

        Files.delete(name);
        Files.createSymbolicLink(name, name.getFileName());
        assertRefused("is a loop of symbolic links");
    }

    @Test
    void refusesAHardLinkWhoseLogMayLieBesideItsOtherName() throws Exception {
        Path other = disk.resolve("server/db");
        Files.createDirectories(other);
        Files.createLink(other.resolve("state.db"), name);
        try (KineDatabase kine = KineDatabase.open(disk)) {
            putPods(kine);
            assertRefused("has 2 names (hard links)");
        }
        assertRefused("has 2 names (hard links)");

        Files.delete(other.resolve("state.db"));
        assertThat(captured()).containsEntry("maxId", Integer.toString(6 + PODS));
    }

    @Test
    void refusesADatabaseThatIsMountedAlone() throws Exception {
        Path alone = Files.createDirectories(disk.resolve("server/db")).resolve("state.db");
        Files.createFile(alone);
        Files.copy(KineDatabase.token(dataDir), KineDatabase.token(disk));
        try (TemporaryMount mount = TemporaryMount.bind(name, alone);
                KineDatabase kine = KineDatabase.open(dataDir)) {
            putPods(kine);
            assertThatThrownBy(() -> capture(disk)).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.kind()).isEqualTo(Kind.SOURCE);
                assertThat(e.problem()).contains("is mounted alone");
                assertThat(e.remedy()).contains("mount the directory");
            });
            mount.makeReadOnly();
            assertThatThrownBy(() -> capture(disk)).hasMessageContaining("is mounted alone");
        }
    }

    @Test
    void readsADatabaseWhoseDirectoryIsMounted() throws Exception {
        Path server = Files.createDirectories(disk.resolve("server"));
        Path db = Files.createDirectory(server.resolve("db"));
        Files.copy(KineDatabase.token(dataDir), KineDatabase.token(disk));
        try (TemporaryMount mount = TemporaryMount.bind(dataDir.resolve("server/db"), db);
                KineDatabase kine = KineDatabase.open(dataDir)) {
            putPods(kine);
            assertThat(capture(disk).items().get(0).facts()).containsEntry("maxId", Long.toString(kine.maxId()));
            mount.makeReadOnly();
            assertThat(capture(disk).items().get(0).facts()).containsEntry("maxId", Long.toString(kine.maxId()));
        }
    }

    @Test
    void refusesADatabaseInUseWhoseLogIsNotThere() throws Exception {
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 50, Duration.ofMinutes(1))) {
            Files.delete(new DataDir(dataDir).databaseFile().wal());

            assertRefused("is open in a running process, but no write-ahead log lies beside " + name);
            writer.kill();
        }
    }

    @Test
    void refusesADatabaseThatWasReplacedUnderARunningServer() throws Exception {
        Path copy = Files.copy(name, disk.resolve("copy.db"));
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 50, Duration.ofMinutes(1))) {
            Files.move(copy, name, StandardCopyOption.REPLACE_EXISTING);

            assertRefused("is not the database that the running k3s writes to");
            writer.kill();
        }
    }

    @Test
    void saysWhenItCannotBeToldWhetherAnUnseenLogExists() throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        try (TemporaryMount mount = TemporaryMount.bind(dataDir, mounted)) {
            mount.makeReadOnly();
            try (K3sSource source = new K3sSource(K3sConfig.of(mounted), new TestProviderContext(scratch))) {
                assertThat(source.preflight(new TestRunContext()))
                        .singleElement()
                        .satisfies(finding -> {
                            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                            assertThat(finding.problem()).contains("cannot be told whether k3s runs");
                        });
            }
        }
    }

    /** Open in this process, open in another, closed, and killed. */
    private void assertThatEveryStateIsReadWhole() throws Exception {
        long committed;
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            putPods(kine);
            committed = kine.maxId();
            assertThat(captured()).containsEntry("found", "live").containsEntry("maxId", Long.toString(committed));
        }
        assertThat(captured()).containsEntry("found", "clean").containsEntry("maxId", Long.toString(committed));
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 200, Duration.ofMinutes(1))) {
            Map<String, String> facts = captured();
            assertThat(facts).containsEntry("found", "live");
            assertThat(Long.parseLong(facts.get("maxId"))).isGreaterThan(committed);
            writer.kill();
        }
        String crashed = captured().get("maxId");
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            assertThat(crashed).isEqualTo(Long.toString(kine.maxId()));
        }
    }

    private static void putPods(KineDatabase kine) throws Exception {
        kine.execute("PRAGMA wal_autocheckpoint=0");
        for (int i = 0; i < PODS; i++) {
            kine.put("/registry/pods/default/p" + i, "an object");
        }
    }

    private void linkFile(Path to) throws Exception {
        Files.move(name, to);
        Files.createSymbolicLink(name, to);
    }

    private Map<String, String> captured() throws Exception {
        return capture(dataDir).items().get(0).facts();
    }

    private CaptureReport capture(Path from) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(from), new TestProviderContext(scratch))) {
            CaptureReport report = source.capture(new InMemoryArtifacts(), new TestRunContext());
            assertThat(scratch).isEmptyDirectory();
            return report;
        }
    }

    private void assertRefused(String problem) throws Exception {
        Consumer<String> says = text -> assertThat(text).contains(problem);
        assertThatThrownBy(() -> capture(dataDir)).isInstanceOfSatisfying(BackupException.class, e -> {
            says.accept(e.problem());
            assertThat(e.target()).contains(name.toString());
            assertThat(e.remedy()).isNotBlank();
        });
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            List<Finding> findings = source.preflight(new TestRunContext());
            assertThat(findings)
                    .filteredOn(finding -> finding.severity() == Severity.ERROR)
                    .singleElement()
                    .satisfies(finding -> says.accept(finding.problem()));
        }
    }
}
