package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which datastore a data directory holds, and that looking at it, or trying to back it up, changes nothing. */
class DatastoreTest {
    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    private Path db;

    @BeforeEach
    void makeServer() throws Exception {
        db = Files.createDirectories(dataDir.resolve("server/db"));
        Files.writeString(dataDir.resolve("server/token"), "a-token\n");
    }

    @Test
    void refusesADirectoryThatIsNotThere() throws Exception {
        K3sConfig config = K3sConfig.of(dataDir.resolve("nowhere"));

        assertThatThrownBy(() -> capture(config)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.CONFIG);
            assertThat(e.remedy()).contains("--data-dir");
        });
    }

    @Test
    void refusesEmbeddedEtcdWhateverLiesBesideIt() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.createDirectories(db.resolve("etcd/member/wal"));

        assertRefused(Kind.SOURCE, "embedded etcd");
    }

    @Test
    void refusesADatastoreThatWasMigratedToEtcd() throws Exception {
        Files.writeString(db.resolve("state.db.migrated"), "x");

        assertRefused(Kind.SOURCE, "moved to etcd");
    }

    @Test
    void refusesWhenThereIsNoDatastore() throws Exception {
        assertRefused(Kind.SOURCE, "external datastore");
    }

    @Test
    void refusesAnEmptyFile() throws Exception {
        Files.createFile(db.resolve("state.db"));

        assertRefused(Kind.SOURCE, "is empty");
    }

    @Test
    void refusesAForeignFile() throws Exception {
        Files.writeString(db.resolve("state.db"), "this is not a database, ".repeat(500));

        assertRefused(Kind.SOURCE, "is not an SQLite database");
    }

    @Test
    void refusesAnSqliteDatabaseThatIsNotKine() throws Exception {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + db.resolve("state.db"))) {
            Sqlite.execute(other, "CREATE TABLE songs (title TEXT)");
        }

        assertRefused(Kind.SOURCE, "without a table kine");
    }

    @Test
    void callsATableWithoutRowsEmpty() throws Exception {
        KineDatabase.createEmpty(dataDir).close();

        assertRefused(Kind.EMPTY, "has no rows");
    }

    @Test
    void tellsTheThreeStatesApart() throws Exception {
        DataDir dir = new DataDir(dataDir);
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/pods/default/one", "an object");
            assertThat(Datastore.detect(dir).state()).isEqualTo(Datastore.State.LIVE);
        }
        assertThat(Datastore.detect(dir).state()).isEqualTo(Datastore.State.CLEAN);
        Files.createFile(dir.databaseFile().wal());
        assertThat(Datastore.detect(dir).state()).isEqualTo(Datastore.State.CLEAN);
        Files.write(dir.databaseFile().wal(), new byte[10]);
        assertThat(Datastore.detect(dir).state()).isEqualTo(Datastore.State.CRASHED);
    }

    private void assertRefused(Kind kind, String problem) throws Exception {
        K3sConfig config = K3sConfig.of(dataDir);
        SortedMap<String, String> before = FileTree.of(dataDir);

        assertThatThrownBy(() -> capture(config)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.target()).contains(db.resolve("state.db").toString());
            assertThat(e.problem()).contains(problem);
            assertThat(e.remedy()).isNotBlank();
        });
        try (K3sSource source = new K3sSource(config, new TestProviderContext(scratch))) {
            assertThat(source.preflight(new TestRunContext())).isNotNull();
            assertThat(source.inventory(new TestRunContext()))
                    .extracting(Item::id)
                    .containsExactly("datastore");
        }

        assertThat(FileTree.of(dataDir)).isEqualTo(before);
        assertThat(scratch).isEmptyDirectory();
    }

    private void capture(K3sConfig config) throws Exception {
        try (K3sSource source = new K3sSource(config, new TestProviderContext(scratch))) {
            source.capture(new InMemoryArtifacts(), new TestRunContext());
        }
    }
}
