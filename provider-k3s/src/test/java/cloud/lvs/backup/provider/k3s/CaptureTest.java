package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.K3sConfig.CheckDepth;
import cloud.lvs.backup.provider.k3s.K3sConfig.Method;
import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    private final TestRunContext run = new TestRunContext();
    private final InMemoryArtifacts written = new InMemoryArtifacts();

    @Test
    void writesTheDatastoreAndItsTokenAsTheOldJobsNamedThem() throws Exception {
        KineDatabase.create(dataDir).close();

        CaptureReport report = capture(K3sConfig.of(dataDir), run);

        assertThat(written.artifacts()).extracting(Artifact::role).containsExactly("k3s-sqlite", "k3s-token");
        assertThat(written.artifacts().get(0)).satisfies(artifact -> {
            assertThat(artifact.stem()).isEqualTo("k3s-sqlite");
            assertThat(artifact.extension()).isEqualTo(".db");
            assertThat(artifact.sensitivity()).isEqualTo(Sensitivity.ORDINARY);
            assertThat(artifact.restoreTail()).isEqualTo("> state.db");
        });
        assertThat(written.artifacts().get(1)).satisfies(artifact -> {
            assertThat(artifact.extension()).isEmpty();
            assertThat(artifact.sensitivity()).isEqualTo(Sensitivity.SECRET);
        });
        assertThat(written.bytes(written.stored().get(1))).isEqualTo(Files.readAllBytes(KineDatabase.token(dataDir)));
        assertThat(report.items()).singleElement().satisfies(item -> {
            assertThat(item.status()).isEqualTo(ItemResult.Status.DONE);
            assertThat(item.facts())
                    .containsEntry("maxId", "6")
                    .containsEntry("method", "snapshot_copy")
                    .containsEntry("restarts", "0")
                    .containsEntry("found", "clean")
                    .containsEntry("tokenDecrypts", "true");
        });
        assertThat(report.source()).containsEntry("revision", "6").containsKeys("sqliteVersion", "clusterCaSha256");
        assertThat(run.warnings()).isEmpty();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void givesNothingOfTheTokenAwayAndAsksForItToBeMasked() throws Exception {
        KineDatabase.create(dataDir).close();
        TestProviderContext context = new TestProviderContext(scratch);

        CaptureReport report;
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), context)) {
            report = source.capture(written, run);
        }

        assertThat(context.redacted()).contains(KineDatabase.PASSWORD);
        String key = Bootstrap.key(KineDatabase.PASSWORD);
        assertThat(report.toString())
                .doesNotContain(KineDatabase.PASSWORD)
                .doesNotContain(key.substring(key.lastIndexOf('/') + 1));
    }

    @Test
    void readsARunningServerAtOneInstant() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.execute("PRAGMA wal_autocheckpoint=0");
            for (int i = 0; i < 50; i++) {
                kine.put("/registry/pods/default/p" + i, "an object");
            }

            CaptureReport report = capture(K3sConfig.of(dataDir), run);

            assertThat(report.source()).containsEntry("revision", Long.toString(kine.maxId()));
            assertThat(report.items().get(0).facts()).containsEntry("found", "live");
        }
    }

    @Test
    void recoversTheLogOfACrashedServerInACopy() throws Exception {
        Path crashed = crashedCopy(scratch.resolve("other"), 40);
        var before = FileTree.of(crashed);

        CaptureReport report = capture(K3sConfig.of(crashed), run);

        assertThat(report.source()).containsEntry("revision", "46");
        assertThat(report.items().get(0).facts()).containsEntry("found", "crashed");
        assertThat(FileTree.of(crashed)).isEqualTo(before);
    }

    @Test
    void readsTheLogOfACrashedServerThatLeftItsIndexWithoutChangingEither() throws Exception {
        KineDatabase.create(dataDir).close();
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 100, Duration.ofMinutes(1))) {
            writer.kill();
        }
        var before = FileTree.of(dataDir);
        long committed;
        try (KineDatabase copy = KineDatabase.open(copyOf(dataDir, scratch.resolve("look")))) {
            committed = copy.maxId();
        }
        ScratchDirectory.deleteTree(scratch.resolve("look"));

        CaptureReport report = capture(K3sConfig.of(dataDir), run);

        assertThat(report.source()).containsEntry("revision", Long.toString(committed));
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    @Test
    void copiesAgainWhenTheStoppedServerIsStartedMeanwhile() throws Exception {
        KineDatabase.create(dataDir).close();
        AtomicInteger copies = new AtomicInteger();
        HookedRun starting = new HookedRun(() -> {
            if (copies.incrementAndGet() == 1) {
                touchDatabase();
            }
        });

        CaptureReport report = capture(K3sConfig.of(dataDir), starting);

        assertThat(copies).hasValueGreaterThan(1);
        assertThat(report.source()).containsEntry("revision", "6");
    }

    @Test
    void givesUpOnAServerThatNeverSettles() throws Exception {
        KineDatabase.create(dataDir).close();

        assertThatThrownBy(() -> capture(K3sConfig.of(dataDir), new HookedRun(this::touchDatabase)))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("3 times in a row");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void copesWithAnyCharacterInAPath() throws Exception {
        KineDatabase.create(dataDir.resolve("plain")).close();
        Path odd = Files.move(dataDir.resolve("plain"), dataDir.resolve("k3s #1 50%20 ?mode=rw&x=ü"));

        CaptureReport report = capture(K3sConfig.of(odd), run);

        assertThat(report.source()).containsEntry("revision", "6");
    }

    @Test
    void touchesNothingWhereK3sWasStoppedCleanly() throws Exception {
        KineDatabase.create(dataDir).close();
        var before = FileTree.of(dataDir);

        capture(K3sConfig.of(dataDir), run);

        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    @Test
    void compactsWhenMoreThanAQuarterIsFree() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            for (int i = 0; i < 300; i++) {
                kine.put("/registry/configmaps/default/c" + i, "filling ".repeat(500));
            }
            kine.execute("DELETE FROM kine WHERE name LIKE '/registry/configmaps/%' AND id % 2 = 0");
        }
        long size = Files.size(KineDatabase.file(dataDir));

        CaptureReport report = capture(K3sConfig.of(dataDir), run);

        assertThat(report.items().get(0).facts()).containsEntry("method", "vacuum");
        assertThat(written.stored().get(0).plainBytes()).isLessThan(size * 3 / 4);
    }

    @Test
    void compactsARunningServerWhenToldTo() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            CaptureReport report = capture(with(Method.VACUUM, Duration.ofMinutes(1), true), run);

            assertThat(report.items().get(0).facts())
                    .containsEntry("method", "vacuum")
                    .containsEntry("maxId", Long.toString(kine.maxId()));
        }
    }

    @Test
    void neitherRestartsNorHindersABusyServer() throws Exception {
        RealisticKine.fill(dataDir, 30_000_000, 1);
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, 150, Duration.ofSeconds(1))) {
            for (int i = 0; i < 3; i++) {
                CaptureReport report = capture(
                        with(Method.SNAPSHOT_COPY, Duration.ofMinutes(1), true),
                        new InMemoryArtifacts(),
                        new TestRunContext());
                assertThat(report.items().get(0).facts())
                        .containsEntry("found", "live")
                        .containsEntry("restarts", "0");
                assertThat(Integer.parseInt(report.items().get(0).facts().get("steps")))
                        .isGreaterThan(5);
            }
            KineWriter.Report committed = writer.stop();
            assertThat(committed.errors()).isZero();
            assertThat(committed.commits()).isGreaterThan(50);
        }
    }

    @Test
    void letsGoOfTheLiveDatabaseBeforeTheFirstByteIsWritten() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir);
                K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            kine.execute("PRAGMA wal_autocheckpoint=0");
            kine.execute("PRAGMA busy_timeout=0");
            AtomicReference<Long> busy = new AtomicReference<>();
            InMemoryArtifacts slow = new InMemoryArtifacts(() -> {
                try {
                    kine.put("/registry/pods/default/late", "an object");
                    // Column 0 is 1 if a reader kept the checkpoint from finishing.
                    busy.set(kine.number("PRAGMA wal_checkpoint(TRUNCATE)"));
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            source.capture(slow, run);

            assertThat(busy.get()).isZero();
        }
    }

    @Test
    void failsWhenTheTokenDoesNotFit() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.writeString(KineDatabase.token(dataDir), "another\n");

        assertThatThrownBy(() -> capture(K3sConfig.of(dataDir), run))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.SOURCE);
                    assertThat(e.problem()).contains("another token");
                    assertThat(e.remedy()).contains("tokenFile");
                });
        assertThat(written.artifacts()).isEmpty();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void failsWithoutTokenUnlessNoneIsExpected() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.delete(KineDatabase.token(dataDir));

        assertThatThrownBy(() -> capture(K3sConfig.of(dataDir), run))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("does not exist");

        capture(with(Method.AUTO, Duration.ofMinutes(1), false), run);
        assertThat(written.artifacts()).extracting(Artifact::role).containsExactly("k3s-sqlite");
        assertThat(run.warnings()).anyMatch(warning -> warning.contains("there is no token"));
    }

    @Test
    void failsADamagedDatastoreAndWritesNothing() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.delete("/registry/namespaces/kube-system");
        }

        assertThatThrownBy(() -> capture(K3sConfig.of(dataDir), run))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("kube-system");
        assertThat(written.artifacts()).isEmpty();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void warnsWhenTheRevisionWentBackwards() throws Exception {
        KineDatabase.create(dataDir).close();
        CaptureReport before = new CaptureReport(
                List.of(ItemResult.done("datastore", Map.of("maxId", "5000", "liveObjects", "900"))), Map.of());
        TestRunContext second = run.after(
                InMemoryBackup.of(new InMemoryArtifacts(), before, run, "k3s").manifest());

        capture(K3sConfig.of(dataDir), second);

        assertThat(second.warnings())
                .anyMatch(warning -> warning.contains("below 5000"))
                .anyMatch(warning -> warning.contains("less than half"));
    }

    @Test
    void stopsAtOnceWhenInterruptedAndLeavesNothingBehind() throws Exception {
        RealisticKine.fill(dataDir, 30_000_000, 1);
        for (Method method : new Method[] {Method.SNAPSHOT_COPY, Method.VACUUM}) {
            Thread caller = Thread.currentThread();
            HookedRun interrupting = new HookedRun(caller::interrupt);
            if (method == Method.VACUUM) {
                caller.interrupt();
            }
            long began = System.nanoTime();

            Throwable thrown = catchThrowable(() -> capture(with(method, Duration.ofMinutes(1), true), interrupting));

            assertThat(thrown).as(method.name()).isInstanceOf(InterruptedException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
            assertThat(scratch).isEmptyDirectory();
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void givesUpWhenTheSnapshotTakesTooLong() throws Exception {
        RealisticKine.fill(dataDir, 30_000_000, 1);
        HookedRun slow =
                new HookedRun(() -> LockSupport.parkNanos(Duration.ofMillis(60).toNanos()));

        assertThatThrownBy(() -> capture(with(Method.SNAPSHOT_COPY, Duration.ofMillis(150), true), slow))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.remedy()).contains("maxSnapshot"));
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void adoptsWhatTheOldJobLeftAndNothingOfItsOwn() throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            var members = source.adoptable(run).get(0).members();
            assertThat(members.get(0).key().matcher("2026/11/k3s-sqlite-20261121T030000Z.db.gz"))
                    .satisfies(matcher -> assertThat(matcher.matches()).isTrue())
                    .satisfies(matcher -> assertThat(matcher.group("timestamp")).isEqualTo("20261121T030000Z"));
            assertThat(members.get(1)
                            .key()
                            .matcher("2026/11/k3s-token-20261121T030000Z.gz")
                            .matches())
                    .isTrue();
            for (String own : new String[] {
                "2026/11/k3s-sqlite-20261121T030000Z-k7f3q2xw.db.gz", "2026/11/k3s-sqlite-20261121T030000Z.db.zst",
                "k3s-sqlite-20261121T030000Z.db.gz", "x/2026/11/k3s-sqlite-20261121T030000Z.db.gz"
            }) {
                assertThat(members.get(0).key().matcher(own).matches()).as(own).isFalse();
            }
            var lookalikes = source.adoptable(run).get(0).lookalikes();
            for (String left : new String[] {
                "2026/11/k3s-token-20261121T030000Z", "2026/11/k3s-sqlite-20261121T030000Z.db",
                "2026/11/k3s-sqlite-20261121T030000Z.db.zst", "k3s-sqlite-20261121T030000Z.db.gz"
            }) {
                assertThat(lookalikes)
                        .as(left)
                        .anySatisfy(lookalike -> assertThat(
                                        lookalike.key().matcher(left).matches())
                                .isTrue());
            }
            assertThat(lookalikes
                            .get(0)
                            .key()
                            .matcher("2026/11/k3s-token-20261121T030000Z")
                            .matches())
                    .isTrue();
            assertThat(lookalikes.get(0).reason()).contains("not compressed");
        }
    }

    private void touchDatabase() {
        try {
            FileTime later = FileTime.fromMillis(
                    Files.getLastModifiedTime(KineDatabase.file(dataDir)).toMillis() + 1000);
            Files.setLastModifiedTime(KineDatabase.file(dataDir), later);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CaptureReport capture(K3sConfig config, RunContext context) throws Exception {
        return capture(config, written, context);
    }

    private CaptureReport capture(K3sConfig config, InMemoryArtifacts out, RunContext context) throws Exception {
        try (K3sSource source = new K3sSource(config, new TestProviderContext(scratch))) {
            return source.capture(out, context);
        }
    }

    private K3sConfig with(Method method, Duration maxSnapshot, boolean expectToken) {
        return new K3sConfig(dataDir, null, method, 200, maxSnapshot, CheckDepth.AUTO, expectToken);
    }

    /** The files of a server that died with {@code pods} commits in its log alone, and no index to it. */
    static Path crashedCopy(Path to, int pods) throws Exception {
        Path from = Files.createDirectories(to.resolveSibling(to.getFileName() + "-origin"));
        try (KineDatabase kine = KineDatabase.create(from)) {
            kine.checkpoint();
            kine.execute("PRAGMA wal_autocheckpoint=0");
            for (int i = 0; i < pods; i++) {
                kine.put("/registry/pods/default/p" + i, "an object");
            }
            copyOf(from, to);
        }
        ScratchDirectory.deleteTree(from);
        return to;
    }

    /** A second server with the same files, except the index to the log. */
    static Path copyOf(Path from, Path to) throws Exception {
        Files.createDirectories(KineDatabase.file(to).getParent());
        for (String name : new String[] {"db/state.db", "db/state.db-wal", "token"}) {
            Files.copy(
                    from.resolve("server").resolve(name), to.resolve("server").resolve(name));
        }
        return to;
    }
}
