package cloud.lvs.backup.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Call;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose thread is interrupted, at every one of its calls to the sink and at every step of its source. */
@Tag("today")
class InterruptTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));

    private final TestClock clock = new TestClock(World.NOW);
    private Instant now = World.NOW;

    @TempDir
    private Path temporary = Path.of("");

    @AfterEach
    void clearTheFlag() {
        Thread.interrupted();
    }

    /** How the sink takes an interrupt. */
    private enum Manner {
        /** It goes on; the flag stays set. */
        GOES_ON,
        /** It throws, as one does that waits. */
        THROWS
    }

    private Job job(Sink sink, Gate gate, int newest) {
        return Job.named(
                        World.JOB,
                        "tiny",
                        () -> new TinySource(
                                Set.of(TinySource.Trait.TWO_ARTIFACTS, TinySource.Trait.SLOW),
                                new Externals(),
                                gate,
                                backup -> {}),
                        new NamedSink(World.MAIN, sink))
                .pipeline(new Pipeline(Compression.NONE))
                .grace(World.GRACE)
                .staleAfter(Duration.ofDays(3650))
                .lockTtl(World.LOCK_TTL)
                .retention(new KeepNewest(newest))
                .build();
    }

    private RunReport run(Sink sink, Gate gate, int seed) {
        return World.engine(clock, new Random(seed)).run(job(sink, gate, 2), Mode.EXECUTE);
    }

    @Test
    void cleansUpAtEveryCallToASinkThatGoesOn() throws Exception {
        atEveryCall(Manner.GOES_ON, 1, () -> new InMemorySink(clock));
    }

    @Test
    void cleansUpAtEveryCallToASinkThatThrows() throws Exception {
        atEveryCall(Manner.THROWS, 1, () -> new InMemorySink(clock));
    }

    @Test
    void cleansUpAtCallsToADirectory() throws Exception {
        now = TestTime.machine().instant();
        atEveryCall(Manner.GOES_ON, FULL ? 1 : 9, () -> new DirectorySink(newDirectory()));
    }

    private Path newDirectory() {
        try {
            return Files.createTempDirectory(temporary, "sink");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void atEveryCall(Manner manner, int stride, Supplier<Sink> sinks) throws Exception {
        for (Phase phase : Phase.values()) {
            int point = 0;
            boolean reached = true;
            while (reached) {
                point += stride;
                clock.set(now);
                Sink sink = sinks.get();
                Set<BackupId> before = withBackups(sink);
                Interrupting interrupting = new Interrupting(point, phase, manner);
                RunReport report = run(new FaultySink(sink, interrupting), Gate.OPEN, 7);
                reached = interrupting.reached;
                if (reached) {
                    check(report, sink, before, phase + " " + interrupting.where);
                }
            }
            assertThat(point).as("points").isGreaterThan(50);
        }
    }

    @Test
    void cleansUpAtEveryStepOfTheSource() throws Exception {
        List<String> steps = new ArrayList<>();
        boolean reached = true;
        for (int point = 1; reached; point++) {
            clock.set(now);
            Sink sink = new InMemorySink(clock);
            Set<BackupId> before = withBackups(sink);
            int fatal = point;
            List<String> passed = new ArrayList<>();
            Gate gate = operation -> {
                passed.add(operation.text());
                if (passed.size() == fatal) {
                    throw new InterruptedException("in " + operation);
                }
                return Verdict.PROCEEDS;
            };
            RunReport report = run(sink, gate, 7);
            reached = passed.size() >= fatal;
            if (reached) {
                steps.add(passed.get(fatal - 1));
                check(report, sink, before, steps.get(steps.size() - 1));
            }
        }
        assertThat(steps)
                .contains("source: pause in preflight", "source: pause in inventory", "source: pause in artifact 1");
    }

    private Set<BackupId> withBackups(Sink sink) {
        Set<BackupId> before = new TreeSet<>();
        for (int daysAgo : new int[] {3, 2}) {
            clock.set(now.minus(Duration.ofDays(daysAgo)));
            RunReport report = run(sink, Gate.OPEN, daysAgo);
            assertThat(report.failures()).isEmpty();
            assertThat(report.id()).isNotNull();
            before.add(report.id());
        }
        clock.set(now);
        return before;
    }

    private void check(RunReport report, Sink sink, Set<BackupId> before, String where) throws Exception {
        assertThat(Thread.interrupted()).as("the flag, %s", where).isTrue();
        assertThat(report.failures())
                .as(where)
                .extracting(Failure::kind)
                .allMatch(kind -> kind == Kind.CANCELLED)
                .hasSizeGreaterThanOrEqualTo(report.outcome().isWhole() ? 0 : 1);
        if (sink instanceof InMemorySink memory) {
            // Of a document of the journal nothing is known to anyone if its very first reply was lost.
            assertThat(memory.unfinished())
                    .as(where)
                    .allMatch(key -> key.startsWith(".lvs-backup/") && !key.endsWith("/begun.json"));
            assertThat(memory.openReads()).as(where).isZero();
        }
        BackupEngine engine = World.engine(clock, new Random(4711));
        Job job = job(sink, Gate.OPEN, 3);
        Set<BackupId> listed = new TreeSet<>();
        for (BackupSummary backup : engine.list(job)) {
            listed.add(backup.id());
            assertThat(engine.verify(job, backup.id(), Level.CHECKSUM)
                            .verification()
                            .passed())
                    .as("%s, %s", backup, where)
                    .isTrue();
        }
        BackupId id = report.id();
        if (report.outcome().isWhole()) {
            assertThat(listed).as(where).contains(id);
        } else {
            assertThat(listed).as(where).containsAll(before);
            // Who was stopped while sending the commit cannot know whether it arrived.
            if (id != null && !listed.contains(id) && !where.contains("/committed-")) {
                try (Stream<StoredObject> all = sink.list("")) {
                    assertThat(all.map(StoredObject::key)
                                    .filter(key -> key.contains(id.run().value())))
                            .as("what is left, %s", where)
                            .isEmpty();
                }
            }
        }
        clock.advance(World.LOCK_TTL.plusMinutes(1));
        RunReport next = engine.run(job, Mode.EXECUTE);
        assertThat(next.outcome().isWhole()).as("the next run, %s", where).isTrue();
        assertThat(next.failures()).as(where).isEmpty();
    }

    private static final class Interrupting implements FaultySink.Hook {
        private final int point;
        private final Phase phase;
        private final Manner manner;
        private boolean reached;
        private String where = "";

        Interrupting(int point, Phase phase, Manner manner) {
            this.point = point;
            this.phase = phase;
            this.manner = manner;
        }

        @Override
        public void on(Call call, Phase now) throws InterruptedException {
            if (call.overall() != point || now != phase || reached) {
                return;
            }
            reached = true;
            where = call.toString();
            // An abort cannot throw this.
            if (manner == Manner.THROWS && call.operation() != FaultySink.Operation.ABORT) {
                throw new InterruptedException("in " + call);
            }
            Thread.currentThread().interrupt();
        }
    }
}
