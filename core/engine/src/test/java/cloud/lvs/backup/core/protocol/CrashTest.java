package cloud.lvs.backup.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.protocol.CrashSite.Verb;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that really halts, before and after each of its calls to a directory sink, in a run with retention, in a prune
 * with a sweep, and in an adoption. Another process then finds what the ten rules promise.
 */
class CrashTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final int SAMPLES_PER_VERB = 6;
    private static final Map<String, String> FOREIGN = Map.of(
            "foreign/precious.txt",
            "not ours",
            ".lvs-backup/demo/notes.txt",
            "not ours either",
            World.LEGACY,
            "legacy");

    private final Instant now = TestClock.machine().instant();
    private final Map<BackupId, Ruin> ruined = new TreeMap<>();
    private final long seed = Long.getLong("lvs.test.seed", System.nanoTime());

    @TempDir
    private Path temporary = Path.of("");

    private record Point(Verb verb, int call, Phase phase) {}

    @TestFactory
    Stream<DynamicTest> everythingHoldsAfterAHalt() throws Exception {
        System.out.println("crash points by -Dlvs.test.seed=" + seed);
        List<DynamicTest> tests = new ArrayList<>();
        for (Verb verb : Verb.values()) {
            Path prepared = Files.createDirectory(temporary.resolve("prepared-" + verb));
            Set<BackupId> backups = prepare(verb, prepared);
            List<Point> points = pointsOf(verb, prepared);
            for (Point point : points) {
                tests.add(DynamicTest.dynamicTest(point.toString(), () -> {
                    Path directory = copy(prepared, temporary.resolve(point.toString()));
                    halt(point, directory);
                    check(point.verb(), directory, backups);
                }));
            }
        }
        return tests.stream();
    }

    /**
     * Two backups, the older of which retention drops, three between them that do not count, one dated a year ahead, for a run
     * two more that are newer and do not count, what a dead run left, and what is not ours.
     */
    private Set<BackupId> prepare(Verb verb, Path directory) throws IOException {
        for (Map.Entry<String, String> foreign : FOREIGN.entrySet()) {
            Path file = directory.resolve(foreign.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, foreign.getValue());
        }
        Set<BackupId> backups = new TreeSet<>();
        backups.add(backUp(directory, Duration.ofHours(72)));
        Map<BackupId, Ruin> ruined = new TreeMap<>();
        ruined.put(backUp(directory, Duration.ofHours(66)), Ruin.DAMAGED);
        ruined.put(backUp(directory, Duration.ofHours(60)), Ruin.HOLLOW);
        ruined.put(backUp(directory, Duration.ofHours(54)), Ruin.PARTIAL);
        backups.add(backUp(directory, Duration.ofHours(48)));
        if (verb == Verb.RUN) {
            ruined.put(backUp(directory, Duration.ofHours(24)), Ruin.HOLLOW);
            ruined.put(backUp(directory, Duration.ofHours(12)), Ruin.PARTIAL);
        }
        ruined.put(backUp(directory, Duration.ofDays(-365)), Ruin.DATED_AHEAD);
        for (Map.Entry<BackupId, Ruin> each : ruined.entrySet()) {
            ruin(each.getKey(), each.getValue(), directory);
        }
        if (verb == Verb.PRUNE) {
            leaveADeadRun(directory);
        }
        return backups;
    }

    private BackupId backUp(Path directory, Duration ago) {
        TestClock clock = new TestClock(now.minus(ago));
        Job job = CrashSite.job(new DirectorySink(directory), Integer.MAX_VALUE);
        RunReport report = World.engine(clock, new Random(ago.toHours())).run(job, Mode.EXECUTE);
        assertThat(report.failures())
                .as("only that its clock is ahead")
                .allMatch(failure -> ago.isNegative() && failure.problem().startsWith("retention was not applied"));
        return Objects.requireNonNull(report.id());
    }

    private void ruin(BackupId id, Ruin ruin, Path directory) throws IOException {
        ruined.put(id, ruin);
        for (String file : files(directory)) {
            if (!file.contains(id.run().value())) {
                continue;
            }
            Path path = directory.resolve(file);
            boolean isCommitted = file.contains("/committed-");
            switch (ruin) {
                case DAMAGED -> {
                    if (isCommitted) {
                        Files.writeString(path, "{");
                    }
                }
                case HOLLOW -> {
                    if (!file.startsWith(Journal.ROOT)) {
                        Files.delete(path);
                    }
                }
                case PARTIAL -> {
                    if (isCommitted) {
                        Files.move(path, directory.resolve(Ruin.partial(file)));
                    } else if (file.endsWith("/SHA256SUMS")) {
                        Files.writeString(path, Ruin.partial(Files.readString(path)));
                    }
                }
                // It was made so: the directory dates its files by the clock of this machine.
                case DATED_AHEAD -> assertThat(id.timestamp()).isAfter(now);
            }
        }
    }

    private void leaveADeadRun(Path directory) throws IOException {
        FaultySink dying = new FaultySink(new DirectorySink(directory), (call, phase) -> {
            if (call.key().contains("tiny1") && call.operation() == FaultySink.Operation.COMMIT) {
                throw new Gate.Crash();
            }
        });
        TestClock clock = new TestClock(now.minus(Duration.ofDays(1)));
        try {
            World.engine(clock, new Random(99)).run(CrashSite.job(dying, Integer.MAX_VALUE), Mode.EXECUTE);
        } catch (Gate.Crash expected) {
            age(directory);
            return;
        }
        throw new AssertionError("the run survived");
    }

    private void age(Path directory) throws IOException {
        for (String file : files(directory)) {
            Files.setLastModifiedTime(directory.resolve(file), FileTime.from(now.minus(Duration.ofDays(1))));
        }
    }

    private List<Point> pointsOf(Verb verb, Path prepared) throws Exception {
        Path directory = copy(prepared, temporary.resolve("rehearsal-" + verb));
        FaultySink counting = new FaultySink(new DirectorySink(directory), FaultPlan.of());
        CrashSite.perform(verb, counting, new TestClock(now));
        int calls = counting.calls().size();
        assertThat(calls).as("calls of " + verb).isGreaterThan(15);
        List<Point> points = new ArrayList<>();
        for (int call = 1; call <= calls; call++) {
            points.add(new Point(verb, call, Phase.BEFORE));
            points.add(new Point(verb, call, Phase.AFTER));
        }
        if (!FULL) {
            Collections.shuffle(points, new Random(seed));
            return points.subList(0, SAMPLES_PER_VERB);
        }
        return points;
    }

    private void halt(Point point, Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashSite.class.getName(),
                        directory.toString(),
                        point.verb().name(),
                        now.toString(),
                        String.valueOf(point.call()),
                        point.phase().name())
                .redirectErrorStream(true)
                .redirectOutput(new File(directory + ".log"))
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(Path.of(directory + ".log")))
                .isEqualTo(CrashSite.HALTED);
    }

    private void check(Verb verb, Path directory, Set<BackupId> before) throws Exception {
        TestClock clock = new TestClock(now);
        BackupEngine engine = World.engine(clock, new Random(4711));
        Job job = CrashSite.job(new DirectorySink(directory), verb.newest());
        Set<BackupId> listed = wholeBackups(engine, job);
        BackupId newest = before.stream().max(BackupId::compareTo).orElseThrow();
        assertThat(listed).as("whole backups at once").anyMatch(id -> id.compareTo(newest) >= 0);
        if (verb == Verb.ADOPT) {
            assertThat(listed).containsAll(before);
        }

        clock.advance(World.LOCK_TTL.plusMinutes(1));
        assertThat(ruined).as("latest").doesNotContainKey(engine.resolve(job, "latest"));
        RunReport next = engine.run(job, Mode.EXECUTE);
        assertThat(next.failures()).allMatch(failure -> failure.problem().contains("does not count"));
        assertThat(next.outcome().isWhole()).isTrue();
        assertThat(wholeBackups(engine, job)).contains(next.id());
        if (verb == Verb.ADOPT) {
            engine.adopt(job, Mode.EXECUTE);
            assertThat(engine.list(job)).anyMatch(backup -> backup.outcome() == Outcome.ADOPTED);
        }
        letUnfinishedWritesAge(directory);
        for (int i = 0; i < 2; i++) {
            clock.advance(World.GRACE.plusHours(1));
            for (PruneReport report : engine.prune(job, Mode.EXECUTE)) {
                assertThat(report.leftovers()).isEmpty();
                assertThat(report.skipped()).isEmpty();
            }
        }
        if (verb == Verb.ADOPT) {
            assertThat(wholeBackups(engine, job)).hasSize(4).containsAll(before).contains(next.id());
        } else {
            assertThat(wholeBackups(engine, job)).containsExactly(next.id());
        }
        ruined.forEach((id, ruin) -> {
            if (ruin == Ruin.DATED_AHEAD) {
                assertThat(directory.resolve(Journal.ROOT + "demo/" + id.directory()))
                        .as("what is dated ahead stays")
                        .isDirectory();
            }
        });
        checkNothingIsOrphaned(engine, job, directory);
    }

    private void letUnfinishedWritesAge(Path directory) throws IOException {
        for (String file : files(directory)) {
            if (file.startsWith(".lvs-staging/")) {
                Files.setLastModifiedTime(directory.resolve(file), FileTime.from(now.minus(Duration.ofDays(30))));
            }
        }
    }

    private Set<BackupId> wholeBackups(BackupEngine engine, Job job) throws IOException, InterruptedException {
        Set<BackupId> whole = new TreeSet<>();
        for (BackupSummary backup : engine.list(job)) {
            if (ruined.containsKey(backup.id())) {
                continue;
            }
            assertThat(engine.verify(job, backup.id(), Level.CHECKSUM)
                            .verification()
                            .passed())
                    .as(backup.id() + " is listed, so it is whole")
                    .isTrue();
            whole.add(backup.id());
        }
        return whole;
    }

    private void checkNothingIsOrphaned(BackupEngine engine, Job job, Path directory)
            throws IOException, InterruptedException {
        Set<String> accounted = new TreeSet<>(FOREIGN.keySet());
        for (BackupSummary backup : engine.list(job)) {
            if (ruined.containsKey(backup.id())) {
                // Who keeps everything keeps these too, and what is dated ahead nobody deletes.
                assertThat(job.retention().equals(KeepNewest.ALL) || ruined.get(backup.id()) == Ruin.DATED_AHEAD)
                        .as(backup.id() + " stays")
                        .isTrue();
                new Journal(job.sink().sink())
                        .directory(backup.id())
                        .objects()
                        .forEach(object -> accounted.add(object.key()));
                files(directory).stream()
                        .filter(file -> file.contains(backup.id().run().value()))
                        .forEach(accounted::add);
                continue;
            }
            for (StoredArtifact artifact : engine.show(job, backup.id()).artifacts()) {
                accounted.add(artifact.key().value());
            }
            new Journal(job.sink().sink())
                    .directory(backup.id())
                    .objects()
                    .forEach(object -> accounted.add(object.key()));
        }
        assertThat(files(directory))
                .allMatch(file -> accounted.contains(file) || file.startsWith(".lvs-backup/demo/lock/"));
        for (Map.Entry<String, String> foreign : FOREIGN.entrySet()) {
            assertThat(directory.resolve(foreign.getKey())).hasContent(foreign.getValue());
        }
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .toList();
        }
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path source : (Iterable<Path>) walk::iterator) {
                Path target = to.resolve(from.relativize(source).toString());
                Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return to;
    }
}
