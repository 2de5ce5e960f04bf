package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.spi.Sink;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;

/** A process of its own that works on a directory sink and halts at one of its calls. */
final class CrashSite {
    /** How a halted process ends. */
    static final int HALTED = 77;

    private CrashSite() {}

    /** What the process does. */
    enum Verb {
        RUN(1),
        PRUNE(1),
        ADOPT(Integer.MAX_VALUE);

        private final int newest;

        Verb(int newest) {
            this.newest = newest;
        }

        /** How many backups the job keeps that does this. */
        int newest() {
            return newest;
        }
    }

    /**
     * Works, and halts the virtual machine.
     *
     * @param arguments directory, verb, what the clock shows, which call of all, and before or after it took effect
     */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Clock clock = new TestClock(Instant.parse(arguments[2]));
        int fatal = Integer.parseInt(arguments[3]);
        Phase phase = Phase.valueOf(arguments[4]);
        FaultySink sink = new FaultySink(new DirectorySink(directory), (call, now) -> {
            if (call.overall() == fatal && now == phase) {
                Runtime.getRuntime().halt(HALTED);
            }
        });
        perform(Verb.valueOf(arguments[1]), sink, clock);
        System.exit(0);
    }

    static void perform(Verb verb, Sink sink, Clock clock) throws Exception {
        BackupEngine engine = World.engine(clock, new Random(1));
        Job job = job(sink, verb.newest());
        switch (verb) {
            case RUN -> engine.run(job, Mode.EXECUTE);
            case PRUNE -> engine.prune(job, Mode.EXECUTE);
            case ADOPT -> engine.adopt(job, Mode.EXECUTE);
        }
    }

    static Job job(Sink sink, int newest) {
        return Job.named(
                        World.JOB,
                        "tiny",
                        () -> new TinySource(
                                Set.of(TinySource.Trait.TWO_ARTIFACTS), new Externals(), Gate.OPEN, backup -> {}),
                        new NamedSink(World.MAIN, sink))
                .pipeline(new Pipeline(Compression.NONE))
                .grace(World.GRACE)
                .staleAfter(Duration.ofDays(3650))
                .lockTtl(World.LOCK_TTL)
                .retention(new KeepNewest(newest))
                .build();
    }
}
