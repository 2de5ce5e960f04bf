package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restores in place where the database, a directory on the way or the token is a link or a mount. Afterwards there is one
 * database that k3s can open, the restored one, and an undo gives back every link and every byte.
 *
 * <p>The backup is at revision 6, the server at 7 with that in a log that a crash left.
 */
class LinkedRestoreTest {
    private static final RestoreTarget IN_PLACE = new RestoreTarget.InPlace();
    private static final RestoreTarget UNDO = new RestoreTarget.Undo();
    private static final byte[] LOG = {1, 2, 3};

    @TempDir
    Path directory;

    private Path dataDir;
    private Path disk;
    private Path scratch;
    private Path host;
    private Path name;
    private InMemoryBackup backup;
    private final List<TemporaryMount> mounts = new ArrayList<>();

    @BeforeEach
    void makeServerAndBackup() throws Exception {
        dataDir = directory.resolve("k3s");
        disk = Files.createDirectory(directory.resolve("disk"));
        scratch = Files.createDirectory(directory.resolve("scratch"));
        host = Files.createDirectory(directory.resolve("host"));
        name = KineDatabase.file(dataDir);
        KineDatabase.create(dataDir).close();
        backup = K3sBackups.of(dataDir);
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/pods/default/late", "an object");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        for (TemporaryMount mount : mounts) {
            mount.close();
        }
    }

    @Test
    void restoresTheFileThatALinkLeadsTo() throws Exception {
        linkFile(disk.resolve("real.db"));
        leaveLog(disk.resolve("real.db-wal"));

        assertThatItIsReplacedAndGivenBack(disk.resolve("real.db"));
        assertThat(Files.readSymbolicLink(name)).isEqualTo(disk.resolve("real.db"));
    }

    @Test
    void restoresTheFileThatALinkLeadsToOnAnotherFileSystem() throws Exception {
        mounts.add(TemporaryMount.tmpfs(disk, 4_000_000));
        linkFile(disk.resolve("real.db"));
        leaveLog(disk.resolve("real.db-wal"));

        assertThatItIsReplacedAndGivenBack(disk.resolve("real.db"));
        assertThat(Files.readSymbolicLink(name)).isEqualTo(disk.resolve("real.db"));
    }

    @Test
    void restoresInTheDirectoryThatALinkLeadsToOnAnotherFileSystem() throws Exception {
        mounts.add(TemporaryMount.tmpfs(disk, 4_000_000));
        Path db = dataDir.resolve("server/db");
        Files.createDirectory(disk.resolve("db"));
        Files.copy(name, disk.resolve("db/state.db"));
        Files.delete(name);
        Files.delete(db);
        Files.createSymbolicLink(db, disk.resolve("db"));
        leaveLog(disk.resolve("db/state.db-wal"));

        assertThatItIsReplacedAndGivenBack(name);
        assertThat(db).isSymbolicLink();
    }

    @Test
    void restoresADatabaseOnAMountOfItsOwn() throws Exception {
        Path db = dataDir.resolve("server/db");
        mounts.add(TemporaryMount.bind(db, db));
        leaveLog(name.resolveSibling("state.db-wal"));

        assertThatItIsReplacedAndGivenBack(name);
    }

    @Test
    void restoresOnceMoreAndUndoesTwice() throws Exception {
        mounts.add(TemporaryMount.tmpfs(disk, 4_000_000));
        linkFile(disk.resolve("real.db"));
        SortedMap<String, String> before = trees();

        restore(IN_PLACE, Mode.EXECUTE);
        restore(IN_PLACE, Mode.EXECUTE);
        restore(UNDO, Mode.EXECUTE);
        assertThat(revision()).isEqualTo(6);
        restore(UNDO, Mode.EXECUTE);

        assertThat(trees()).isEqualTo(before);
    }

    @Test
    void fillsTheDirectoryOfADiskThatWasReplaced() throws Exception {
        Path real = disk.resolve("real.db");
        linkFile(real);
        Files.delete(real);

        restore(IN_PLACE, Mode.EXECUTE);

        assertThat(name).isSymbolicLink();
        assertThat(revision()).isEqualTo(6);
        restore(UNDO, Mode.EXECUTE);
        assertThat(name).isSymbolicLink();
        assertThat(real).doesNotExist();
    }

    @Test
    void refusesWhereTheLinkLeadsToADiskThatIsNotThere() throws Exception {
        linkFile(disk.resolve("real.db"));
        Files.delete(disk.resolve("real.db"));
        Files.delete(disk);

        for (Mode mode : Mode.values()) {
            assertThatThrownBy(() -> restore(IN_PLACE, mode))
                    .hasMessageContaining("is a symbolic link to " + disk.resolve("real.db"))
                    .hasMessageContaining("whose directory does not exist");
        }
        assertThat(name).isSymbolicLink();
    }

    @Test
    void refusesToUndoWhatIsLinkedElsewhereNow() throws Exception {
        linkFile(disk.resolve("real.db"));
        restore(IN_PLACE, Mode.EXECUTE);
        Files.delete(name);
        Files.copy(disk.resolve("real.db"), name);
        SortedMap<String, String> before = trees();

        for (Mode mode : Mode.values()) {
            assertThatThrownBy(() -> restore(UNDO, mode)).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.kind()).isEqualTo(Kind.CONFIG);
                assertThat(e.problem()).contains("was a symbolic link to " + disk.resolve("real.db"), "none any more");
            });
        }
        assertThat(trees()).isEqualTo(before);
    }

    @Test
    void replacesOneNameOfTwoAndLeavesTheOther() throws Exception {
        Path other = Files.createLink(disk.resolve("other.db"), name);
        Object same = Files.getAttribute(other, "unix:fileKey");

        restore(IN_PLACE, Mode.EXECUTE);

        assertThat(revision()).isEqualTo(6);
        assertThat(Files.getAttribute(name, "unix:fileKey")).isNotEqualTo(same);
        restore(UNDO, Mode.EXECUTE);
        assertThat(Files.getAttribute(name, "unix:fileKey")).isEqualTo(same);
        assertThat(revision()).isEqualTo(7);
    }

    @Test
    void putsATokenInPlaceOfALinkAndGivesTheLinkBack() throws Exception {
        Path token = KineDatabase.token(dataDir);
        Path elsewhere = Files.move(token, disk.resolve("token"));
        Files.writeString(elsewhere, "K10" + "0".repeat(64) + "::server:another");
        // Relative: from the rollback directory it leads nowhere.
        Files.createSymbolicLink(token, dataDir.resolve("server").relativize(elsewhere));
        SortedMap<String, String> before = trees();

        RestoreReport plan = restore(IN_PLACE, Mode.DRY_RUN);
        restore(IN_PLACE, Mode.EXECUTE);

        assertThat(plan.steps()).anyMatch(step -> step.startsWith("Move the symbolic link " + token));
        assertThat(Files.isRegularFile(token, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(elsewhere).content().endsWith("another");
        restore(UNDO, Mode.EXECUTE);
        assertThat(trees()).isEqualTo(before);
    }

    @Test
    void movesNamedPipesAwayWithoutOpeningThem() throws Exception {
        Path token = KineDatabase.token(dataDir);
        for (Path pipe : List.of(token, name)) {
            Files.delete(pipe);
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();
        }

        restore(IN_PLACE, Mode.EXECUTE);

        assertThat(Files.isRegularFile(token)).isTrue();
        assertThat(revision()).isEqualTo(6);
    }

    /** A dry run that touches nothing, the restore, and the undo. */
    private void assertThatItIsReplacedAndGivenBack(Path real) throws Exception {
        SortedMap<String, String> before = trees();
        RestoreReport plan = restore(IN_PLACE, Mode.DRY_RUN);
        assertThat(trees()).isEqualTo(before);
        assertThat(plan.steps()).anyMatch(step -> step.startsWith("Move " + real + " to "));

        RestoreReport report = restore(IN_PLACE, Mode.EXECUTE);

        assertThat(report.steps()).anyMatch(step -> step.equals("Placed " + real + "."));
        assertThat(real.resolveSibling(real.getFileName() + "-wal")).doesNotExist();
        assertThat(revision()).isEqualTo(6);
        assertThat(databases()).containsExactly(real.toRealPath().toString());

        restore(UNDO, Mode.DRY_RUN);
        RestoreReport undone = restore(UNDO, Mode.EXECUTE);
        assertThat(trees()).isEqualTo(before);
        assertThat(undone.nextSteps())
                .anyMatch(step -> step.matches("What the restore had placed is kept in /.*/undone\\."));
    }

    /** Every database outside a rollback directory, and through no link. */
    private List<String> databases() throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.toString().endsWith(".db"))
                    .filter(path -> !path.toString().contains("-restore-"))
                    .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .map(Path::toString)
                    .toList();
        }
    }

    /** Both places, without what undone restores keep. */
    private SortedMap<String, String> trees() throws IOException {
        SortedMap<String, String> tree = FileTree.of(directory);
        tree.keySet().removeIf(path -> path.contains("db-undone-restore-") || path.startsWith("scratch"));
        return tree;
    }

    private void linkFile(Path to) throws IOException {
        Files.copy(name, to);
        Files.delete(name);
        Files.createSymbolicLink(name, to);
    }

    private static void leaveLog(Path log) throws IOException {
        Files.write(log, LOG);
    }

    private long revision() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            return kine.maxId();
        }
    }

    private RestoreReport restore(RestoreTarget target, Mode mode) throws Exception {
        BackupReader reader = target instanceof RestoreTarget.Undo ? InMemoryBackup.none() : backup;
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.restore(
                    reader,
                    new RestoreRequest(
                            target,
                            List.of(),
                            new K3sRestoreOptions(ServerFiles.AUTO, host, Unreadable.REFUSE),
                            Consent.GIVEN,
                            mode),
                    new TestRunContext());
        }
    }
}
