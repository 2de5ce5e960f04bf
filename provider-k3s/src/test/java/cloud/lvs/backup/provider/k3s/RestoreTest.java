package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.provider.k3s.restore.RollbackDirectory;
import cloud.lvs.backup.provider.k3s.restore.RollbackEntry;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores to a new directory, in place, and back again. The server at hand is past the backup: it holds a pod more. */
class RestoreTest {
    private static final RestoreTarget IN_PLACE = new RestoreTarget.InPlace();
    private static final RestoreTarget UNDO = new RestoreTarget.Undo();
    private static final String LATE = "/registry/pods/default/late";

    @TempDir
    Path directory;

    private Path dataDir;
    private Path scratch;
    private Path host;
    private InMemoryBackup backup;

    @BeforeEach
    void makeServerAndBackup() throws Exception {
        dataDir = directory.resolve("k3s");
        scratch = Files.createDirectory(directory.resolve("scratch"));
        host = Files.createDirectory(directory.resolve("host"));
        KineDatabase.create(dataDir).close();
        writeServerFiles(Bootstrap.files("cluster of " + KineDatabase.PASSWORD));
        backup = K3sBackups.of(dataDir);
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put(LATE, "an object");
        }
    }

    // A new directory

    @Test
    void placesTheFilesWithTheModesOfK3s() throws Exception {
        Path place = directory.resolve("restored");

        RestoreReport report = restore(backup, new RestoreTarget.Place(place.toString()));

        assertThat(modes(place)).containsOnly(Map.entry("state.db", "rw-r--r--"), Map.entry("token", "rw-------"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                .isEqualTo("rwx------");
        assertThat(report.checks()).isNotEmpty();
        assertThat(report.nextSteps()).anyMatch(step -> step.contains("stop k3s"));
    }

    @Test
    void refusesADirectoryWithoutParent() {
        assertRefused(
                () -> restore(backup, new RestoreTarget.Place(directory + "/no/where")), "has no parent directory");
    }

    @Test
    void refusesAFileAsPlace() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertRefused(() -> restore(backup, new RestoreTarget.Place(file.toString())), "is not a directory");
    }

    @Test
    void refusesAnItemThatIsNotThereAndNamesTheOneThatIs() throws Exception {
        Path place = directory.resolve("restored");
        RestoreRequest request = new RestoreRequest(
                new RestoreTarget.Place(place.toString()),
                List.of("datastore", "etcd"),
                options(ServerFiles.AUTO),
                Consent.NOT_GIVEN,
                Mode.EXECUTE);
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            assertRefused(
                    () -> source.restore(backup, request, new TestRunContext()),
                    "is not in this backup; there is datastore");
        }
        assertThat(place).doesNotExist();
    }

    @Test
    void refusesToPlaceAPairThatDoesNotFit() throws Exception {
        Path place = Files.createDirectory(directory.resolve("restored"));
        InMemoryBackup mixed =
                backup.holding(K3sBackups.artifact(backup, "k3s-token"), "another".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> restore(mixed, new RestoreTarget.Place(place.toString())))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
        assertThat(place).isEmptyDirectory();
    }

    // A rehearsal

    @Test
    void rehearsesInPhasesAndProvesTheToken() throws Exception {
        Path place = Files.createDirectory(directory.resolve("drill"));
        var run = new TestRunContext();

        RestoreReport report = rehearse(backup, place, Mode.EXECUTE, run);

        assertThat(run.phases()).containsExactly("fetch", "check", "place");
        assertThat(report.nextSteps()).isEmpty();
        assertThat(report.checks())
                .allMatch(check -> check.status() == Check.Status.PASSED)
                .extracting(Check::name)
                .contains("integrity_check", "token", "noted_revision");
        assertThat(modes(place)).containsOnly(Map.entry("state.db", "rw-r--r--"), Map.entry("token", "rw-------"));
    }

    @Test
    void tellsEveryCheckOfARehearsalThatFails() throws Exception {
        Path place = Files.createDirectory(directory.resolve("drill"));
        InMemoryBackup mixed =
                backup.holding(K3sBackups.artifact(backup, "k3s-token"), "another".getBytes(StandardCharsets.UTF_8));

        RestoreReport report = rehearse(mixed, place, Mode.EXECUTE, new TestRunContext());

        assertThat(report.checks())
                .anyMatch(check -> check.name().equals("token") && check.status() == Check.Status.FAILED)
                .anyMatch(check -> check.name().equals("noted_revision") && check.status() == Check.Status.PASSED);
        assertThat(report.items()).singleElement().satisfies(item -> {
            assertThat(item.status()).isEqualTo(ItemResult.Status.FAILED);
            assertThat(item.reason()).contains("not fit to be restored: token");
        });
        assertThat(place).isEmptyDirectory();
    }

    @Test
    void plansARehearsalWithoutADirectory() throws Exception {
        RestoreReport report = rehearse(backup, directory.resolve("none"), Mode.DRY_RUN, new TestRunContext());

        assertThat(report.steps()).anyMatch(step -> step.contains("token"));
        assertThat(directory.resolve("none")).doesNotExist();
    }

    private RestoreReport rehearse(BackupReader from, Path place, Mode mode, RunContext run) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.restore(
                    from,
                    new RestoreRequest(
                            new RestoreTarget.Scratch(place),
                            List.of(),
                            options(ServerFiles.AUTO),
                            Consent.NOT_GIVEN,
                            mode),
                    run);
        }
    }

    // In place

    @Test
    void replacesTheDatastoreAndKeepsWhatWasThere() throws Exception {
        // What a crash leaves would be replayed into the restored file.
        Files.write(new DataDir(dataDir).databaseFile().wal(), new byte[] {1, 2, 3});
        Files.write(new DataDir(dataDir).databaseFile().shm(), new byte[] {4});
        Map<String, String> before = FileTree.of(dataDir);

        RestoreReport report = restore(backup, IN_PLACE);

        assertThat(revision()).isEqualTo(6);
        assertThat(new DataDir(dataDir).databaseFile().wal()).doesNotExist();
        assertThat(new DataDir(dataDir).databaseFile().shm()).doesNotExist();
        Path rollback = rollback();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(rollback)))
                .isEqualTo("rwx------");
        Map<String, String> kept = FileTree.of(rollback);
        for (String name : new String[] {"state.db", "state.db-wal", "state.db-shm"}) {
            assertThat(kept).containsEntry(name, before.get("server/db/" + name));
        }
        assertThat(kept).containsEntry("token", before.get("server/token"));
        assertThat(modes(dataDir.resolve("server/db")).keySet()).containsExactly("state.db");
        assertThat(report.steps()).anyMatch(step -> step.contains("state.db-wal"));
        assertThat(report.items().get(0).facts()).containsEntry("maxId", "6");
    }

    @Test
    void leavesServerFilesThatEqualTheDatastores() throws Exception {
        restore(backup, IN_PLACE);

        assertThat(dataDir.resolve("server/tls/server-ca.crt")).exists();
        assertThat(rollback().resolve("tls")).doesNotExist();
    }

    @Test
    void movesServerFilesOfAnotherClusterAway() throws Exception {
        writeServerFiles(Bootstrap.files("a fresh installation"));

        restore(backup, IN_PLACE);

        assertThat(dataDir.resolve("server/tls")).doesNotExist();
        assertThat(dataDir.resolve("server/cred")).doesNotExist();
        assertThat(rollback().resolve("tls/server-ca.crt")).exists();
        assertThat(rollback().resolve("cred/passwd")).exists();
    }

    @Test
    void doesWithServerFilesWhatItIsTold() throws Exception {
        restore(backup, IN_PLACE, options(ServerFiles.MOVE), Mode.EXECUTE);
        assertThat(dataDir.resolve("server/tls")).doesNotExist();
        restore(backup, UNDO);
        writeServerFiles(Bootstrap.files("a fresh installation"));

        restore(backup, IN_PLACE, options(ServerFiles.KEEP), Mode.EXECUTE);
        assertThat(dataDir.resolve("server/tls/server-ca.crt")).exists();
    }

    @Test
    void neverMovesServerFilesThatTheDatastoreCannotBringBack() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.delete(Bootstrap.key(KineDatabase.PASSWORD));
        }
        InMemoryBackup old = K3sBackups.of(dataDir);

        RestoreReport report = restore(old, IN_PLACE);

        assertThat(dataDir.resolve("server/tls/server-ca.crt")).exists();
        assertThat(report.nextSteps()).anyMatch(step -> step.contains("no bootstrap data"));
    }

    @Test
    void fillsAnEmptyDataDirectoryOnANewHost() throws Exception {
        ScratchDirectory.deleteTree(dataDir.resolve("server"));

        restore(backup, IN_PLACE);

        assertThat(revision()).isEqualTo(6);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dataDir.resolve("server/db"))))
                .isEqualTo("rwx------");

        // k3s starts and makes its files; all of it goes when the restore is undone.
        writeServerFiles(Bootstrap.files("cluster of " + KineDatabase.PASSWORD));
        restore(backup, UNDO);
        assertThat(dataDir.resolve("server/db")).isEmptyDirectory();
        assertThat(dataDir.resolve("server/token")).doesNotExist();
        assertThat(dataDir.resolve("server/tls")).doesNotExist();
    }

    @Test
    void takesTheTokenThatIsThereWhenTheBackupHasNone() throws Exception {
        restore(K3sBackups.withoutToken(backup), IN_PLACE);

        assertThat(revision()).isEqualTo(6);
        assertThat(KineDatabase.token(dataDir)).exists();
        assertThat(rollback().resolve("token")).doesNotExist();
    }

    @Test
    void announcesNoTokenWhereTheBackupHasNone() throws Exception {
        InMemoryBackup bare = K3sBackups.withoutToken(backup);
        RestoreTarget place =
                new RestoreTarget.Place(directory.resolve("restored").toString());
        RestoreTarget scratchPlace = new RestoreTarget.Scratch(directory.resolve("rehearsed"));

        for (RestoreTarget target : List.of(place, scratchPlace, IN_PLACE)) {
            RestoreReport plan = restore(bare, target, options(ServerFiles.AUTO), Mode.DRY_RUN);

            assertThat(plan.steps())
                    .noneMatch(step -> step.startsWith("Place ") && step.contains("token"))
                    .noneMatch(step -> step.startsWith("Move " + KineDatabase.token(dataDir)))
                    .noneMatch(step -> step.contains("the token fits"));
            assertThat(plan.nextSteps()).noneMatch(step -> step.contains("and token to server/"));
            assertThat(restore(backup, target, options(ServerFiles.AUTO), Mode.DRY_RUN)
                            .steps())
                    .anyMatch(step -> step.startsWith("Place ") && step.contains("token"));
        }
    }

    @Test
    void refusesABackupWithoutTokenBesideAnotherToken() throws Exception {
        Files.writeString(KineDatabase.token(dataDir), "another\n");
        var before = FileTree.of(dataDir);

        assertThatThrownBy(() -> restore(K3sBackups.withoutToken(backup), IN_PLACE))
                .hasMessageContaining("does not fit");
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    @Test
    void refusesWhileK3sRuns() throws Exception {
        try (KineWriter.Running running = KineWriter.spawn(dataDir, 50, Duration.ofMinutes(1))) {
            assertRefused(() -> restore(backup, IN_PLACE), "running process");
            assertRefused(() -> restore(backup, IN_PLACE, options(ServerFiles.AUTO), Mode.DRY_RUN), "running process");
            assertThat(running.stop().errors()).isZero();
        }
        restore(backup, IN_PLACE);
        try (KineWriter.Running running = KineWriter.spawn(dataDir, 50, Duration.ofMinutes(1))) {
            assertRefused(() -> restore(backup, UNDO), "running process");
            running.stop();
        }
    }

    @Test
    void refusesWithEmbeddedEtcd() throws Exception {
        Files.createDirectories(dataDir.resolve("server/db/etcd/member/wal"));

        assertThatThrownBy(() -> restore(backup, IN_PLACE)).hasMessageContaining("embedded etcd");
    }

    @Test
    void refusesABackupThatBreaksAndTouchesNothing() throws Exception {
        var before = FileTree.of(dataDir);

        for (String role : new String[] {"k3s-sqlite", "k3s-token"}) {
            assertThatThrownBy(() -> restore(backup.breaking(K3sBackups.artifact(backup, role)), IN_PLACE))
                    .isInstanceOf(BackupException.class);
            assertThat(FileTree.of(dataDir)).isEqualTo(before);
        }
    }

    @Test
    void leavesEverythingAsItWasWhenInterrupted() throws Exception {
        var before = FileTree.of(dataDir);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> restore(backup, IN_PLACE)).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).isFalse();
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    @Test
    void aDryRunSaysWhatItWouldMove() throws Exception {
        var before = FileTree.of(dataDir);

        RestoreReport report = restore(backup, IN_PLACE, options(ServerFiles.AUTO), Mode.DRY_RUN);

        assertThat(FileTree.of(dataDir)).isEqualTo(before);
        assertThat(report.steps()).anyMatch(step -> step.contains("state.db")).anyMatch(step -> step.contains("tls"));
    }

    @Test
    void takesEverythingBackWhenItFailsHalfWay() throws Exception {
        // A mount point cannot be renamed; it comes after the database and the token, and after the last look for one.
        Path tls = dataDir.resolve("server/tls");
        var before = FileTree.of(dataDir);
        List<TemporaryMount> mounts = new ArrayList<>();
        HookedRun mounting = HookedRun.atCheckpoints(() -> {
            if (mounts.isEmpty() && tokenIsStaged()) {
                mounts.add(bind(tls));
            }
        });
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            RestoreRequest request =
                    new RestoreRequest(IN_PLACE, List.of(), options(ServerFiles.MOVE), Consent.GIVEN, Mode.EXECUTE);
            assertThatThrownBy(() -> source.restore(backup, request, mounting))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("has been moved back")
                    .hasMessageNotContaining("java.");
            assertThat(FileTree.of(dataDir)).isEqualTo(before);
        } finally {
            for (TemporaryMount mount : mounts) {
                mount.close();
            }
        }
    }

    private boolean tokenIsStaged() {
        try (Stream<Path> entries = Files.list(dataDir.resolve("server"))) {
            return entries.anyMatch(entry -> Files.exists(entry.resolve("token")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TemporaryMount bind(Path directory) {
        try {
            return TemporaryMount.bind(directory, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void takesAnUndoBackWhenItFailsHalfWay() throws Exception {
        restore(backup, IN_PLACE, options(ServerFiles.MOVE), Mode.EXECUTE);
        writeServerFiles(Bootstrap.files("cluster of " + KineDatabase.PASSWORD));
        var before = FileTree.of(dataDir);
        // The last rename finds its name taken.
        Path taken = Files.createDirectory(
                rollback().resolveSibling(rollback().getFileName().toString().replace("before", "undone")));

        assertThatThrownBy(() -> restore(backup, UNDO))
                .hasMessageContaining("exists already")
                .hasMessageContaining("has been moved back");
        Files.delete(taken);
        assertThat(FileTree.of(dataDir)).isEqualTo(before);

        restore(backup, UNDO);
        assertThat(revision()).isEqualTo(7);
    }

    // Back again

    @Test
    void undoesTheLastRestoreAndLosesNothing() throws Exception {
        writeServerFiles(Bootstrap.files("a fresh installation"));
        var before = FileTree.of(dataDir);
        restore(backup, IN_PLACE);
        // k3s started on it: it made its files anew and wrote on.
        writeServerFiles(Bootstrap.files("cluster of " + KineDatabase.PASSWORD));
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/pods/default/since", "an object");
        }

        RestoreReport report = restore(backup, UNDO);

        SortedMap<String, String> after = FileTree.of(dataDir);
        SortedMap<String, String> kept = FileTree.of(undone());
        after.keySet().removeIf(path -> path.startsWith("server/db-undone-restore-"));
        assertThat(after).isEqualTo(before);
        assertThat(kept).containsKeys("undone/state.db", "undone/token", "undone/tls/server-ca.crt");
        assertThat(report.steps()).isNotEmpty();
        assertRefused(() -> restore(backup, UNDO), "no restore that could be undone");
    }

    @Test
    void undoesTheNewestOfTwoRestoresFirst() throws Exception {
        restore(backup, IN_PLACE);
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/pods/default/between", "an object");
            kine.put("/registry/pods/default/between2", "an object");
        }
        restore(backup, IN_PLACE);

        restore(backup, UNDO);
        assertThat(revision()).isEqualTo(8);
        restore(backup, UNDO);
        assertThat(revision()).isEqualTo(7);
    }

    @Test
    void undoesARestoreThatWasCutOffAfterItsFirstStep() throws Exception {
        var before = FileTree.of(dataDir);
        DataDir dir = new DataDir(dataDir);
        var pieces = EnumSet.of(RollbackEntry.DATABASE, RollbackEntry.TOKEN);
        RollbackDirectory rollback = RollbackDirectory.plan(
                        dir, MountTable.current(), Instant.parse("2026-11-22T03:00:00Z"))
                .make(backup.manifest().id(), pieces, pieces);
        Files.move(dir.database(), rollback.of(RollbackEntry.DATABASE));

        restore(backup, UNDO);

        SortedMap<String, String> after = FileTree.of(dataDir);
        after.keySet().removeIf(path -> path.startsWith("server/db-undone-restore-"));
        assertThat(after).isEqualTo(before);
    }

    @Test
    void undoNeedsConsentAndSaysWhatItWouldDo() throws Exception {
        restore(backup, IN_PLACE);
        var before = FileTree.of(dataDir);

        assertRefused(() -> request(UNDO, Consent.NOT_GIVEN, Mode.EXECUTE), "takes the last restore back");
        assertThat(restore(backup, UNDO, options(ServerFiles.AUTO), Mode.DRY_RUN)
                        .steps())
                .anyMatch(step -> step.contains("state.db"));
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    // Advice

    @Test
    void warnsOfATokenThatIsConfiguredElsewhere() throws Exception {
        Path config = Files.createDirectories(host.resolve("etc/rancher/k3s")).resolve("config.yaml");
        Files.writeString(config, "write-kubeconfig-mode: 644\ntoken: \"another-secret\"\n");
        Path env = Files.createDirectories(host.resolve("etc/systemd/system")).resolve("k3s.service.env");
        Files.writeString(env, "K3S_TOKEN='" + KineDatabase.PASSWORD + "'\n# K3S_TOKEN=old\n");

        RestoreReport report = restore(backup, IN_PLACE);

        assertThat(report.nextSteps())
                .anyMatch(step -> step.contains("config.yaml"))
                .noneMatch(step -> step.contains("k3s.service.env"))
                .noneMatch(step -> step.contains("another-secret"));
    }

    private RestoreReport restore(BackupReader from, RestoreTarget target) throws Exception {
        return restore(from, target, options(ServerFiles.AUTO), Mode.EXECUTE);
    }

    private RestoreReport restore(BackupReader from, RestoreTarget target, K3sRestoreOptions options, Mode mode)
            throws Exception {
        BackupReader reader = target instanceof RestoreTarget.Undo ? InMemoryBackup.none() : from;
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.restore(
                    reader, new RestoreRequest(target, List.of(), options, Consent.GIVEN, mode), new TestRunContext());
        }
    }

    private RestoreReport request(RestoreTarget target, Consent consent, Mode mode) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.restore(
                    InMemoryBackup.none(),
                    new RestoreRequest(target, List.of(), options(ServerFiles.AUTO), consent, mode),
                    new TestRunContext());
        }
    }

    private K3sRestoreOptions options(ServerFiles files) {
        return new K3sRestoreOptions(files, host, K3sRestoreOptions.Unreadable.REFUSE);
    }

    private static void assertRefused(ThrowingCallable restore, String problem) {
        assertThatThrownBy(restore).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.CONFIG);
            assertThat(e.problem()).contains(problem);
            assertThat(e.remedy()).isNotBlank();
        });
    }

    private void writeServerFiles(Map<String, byte[]> files) throws IOException {
        Map<String, String> paths = Map.of(
                "ServerCA", "tls/server-ca.crt",
                "ServerCAKey", "tls/server-ca.key",
                "ClientCA", "tls/client-ca.crt",
                "ClientCAKey", "tls/client-ca.key",
                "RequestHeaderCA", "tls/request-header-ca.crt",
                "RequestHeaderCAKey", "tls/request-header-ca.key",
                "ServiceKey", "tls/service.key",
                "PasswdFile", "cred/passwd",
                "IPSECKey", "cred/ipsec.psk");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = dataDir.resolve("server").resolve(paths.getOrDefault(file.getKey(), "tls/other"));
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    private long revision() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            return kine.maxId();
        }
    }

    private Path rollback() throws IOException {
        return only("db-before-restore-");
    }

    private Path undone() throws IOException {
        return only("db-undone-restore-");
    }

    private Path only(String prefix) throws IOException {
        try (Stream<Path> found = Files.list(dataDir.resolve("server"))) {
            List<Path> named = found.filter(
                            path -> path.getFileName().toString().startsWith(prefix))
                    .toList();
            assertThat(named).hasSize(1);
            return named.get(0);
        }
    }

    /** Name → permissions. */
    private static Map<String, String> modes(Path place) throws IOException {
        Map<String, String> modes = new TreeMap<>();
        FileTree.of(place).forEach((name, facts) -> modes.put(name, facts.split(" ")[0]));
        return modes;
    }
}
