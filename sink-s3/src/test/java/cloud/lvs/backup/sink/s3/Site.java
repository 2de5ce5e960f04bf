package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** An engine and a scripted store, with a job that copies to the same store below another prefix if asked to. */
final class Site implements AutoCloseable {
    static final Instant NOW = TestTime.now();
    static final Duration GRACE = Duration.ofHours(10);
    static final Duration LOCK_TTL = Duration.ofMinutes(10);
    static final int ALL = Integer.MAX_VALUE;

    private static final String JOB = "demo";
    private static final String MAIN = "main";
    private static final String COPIES = "copies";
    private static final Map<String, byte[]> FOREIGN = Map.of(
            "main/foreign/precious.txt",
            new byte[] {7},
            "main/.lvs-backup/demo/notes.txt",
            new byte[] {8},
            "main/" + FilesSource.LEGACY,
            FilesSource.LEGACY_CONTENT,
            "copies/foreign.txt",
            new byte[] {9},
            "elsewhere.txt",
            new byte[] {10});
    /** Smaller than S3 takes, so that uploads in parts are quick. */
    private static final int PART = 100 * 1024;

    final TestClock clock = new TestClock(NOW);
    final ScriptedStore store;
    private final BackupEngine engine;
    private final List<S3Sink> opened = new ArrayList<>();

    Site(int seed) throws IOException {
        store = new ScriptedStore(clock);
        engine = new BackupEngine(clock, new Random(seed), Map.of("lvs-backup", "test"), event -> {});
    }

    /** With foreign objects, and backups of some days ago. */
    static Site withBackups(int seed, int... daysAgo) throws Exception {
        Site site = new Site(seed);
        FOREIGN.forEach(site.store::keep);
        for (int days : daysAgo) {
            site.clock.set(NOW.minus(Duration.ofDays(days)));
            assertThat(site.run(ALL).failures()).isEmpty();
        }
        site.clock.set(NOW);
        return site;
    }

    /** Another store that holds the same, at {@link #NOW}. */
    Site copy(int seed) throws IOException {
        Site copy = new Site(seed);
        copy.store.with(store);
        return copy;
    }

    BackupEngine engine() {
        return engine;
    }

    /** As a new process sees it. */
    Job job(int newest) {
        return job(MAIN, newest, List.of());
    }

    Job copyingJob(int newest) {
        return job(MAIN, newest, List.of(new CopyTarget(sink(COPIES), new KeepNewest(newest))));
    }

    /** The job that has the copies for its backups. */
    Job jobOfCopies() {
        return job(COPIES, ALL, List.of());
    }

    private Job job(String prefix, int newest, List<CopyTarget> copies) {
        return Job.named(JOB, "files", FilesSource::new, sink(prefix))
                .pipeline(new Pipeline(Compression.NONE))
                .grace(GRACE)
                .staleAfter(Duration.ofDays(3650))
                .lockTtl(LOCK_TTL)
                .retention(new KeepNewest(newest))
                .copies(copies)
                .build();
    }

    private NamedSink sink(String prefix) {
        S3SinkConfig config = store.config().prefix(prefix).build();
        Bucket bucket = Bucket.of(config, name -> null, new TestProviderContext(Path.of("target"), clock));
        S3Sink sink = new S3Sink(config, bucket, clock, PART);
        opened.add(sink);
        return new NamedSink(prefix, sink);
    }

    RunReport run(int newest) {
        return engine.run(job(newest), Mode.EXECUTE);
    }

    /** What is listed; each of it is proved whole first. */
    Set<BackupId> wholeBackups(Job job) throws IOException, InterruptedException {
        Set<BackupId> whole = new TreeSet<>();
        for (BackupSummary backup : engine.list(job)) {
            assertThat(engine.verify(job, backup.id(), Level.CONTENT)
                            .verification()
                            .checks())
                    .as(backup.id() + " is listed, so it is whole")
                    .isNotEmpty()
                    .allMatch(check -> check.status() == Check.Status.PASSED);
            whole.add(backup.id());
        }
        return whole;
    }

    /** Everything in the bucket is foreign, of a live backup, or a lock; nothing is being uploaded. */
    void assertNothingIsOrphaned() throws IOException, InterruptedException {
        Set<String> accounted = new TreeSet<>(FOREIGN.keySet());
        account(MAIN, job(ALL), accounted);
        account(COPIES, jobOfCopies(), accounted);
        assertThat(store.objects.keySet())
                .allMatch(key -> accounted.contains(key) || key.contains("/.lvs-backup/demo/lock/"));
        assertThat(store.uploads).as("unfinished uploads").isEmpty();
        assertForeignIsUntouched();
    }

    private void account(String prefix, Job job, Set<String> accounted) throws IOException, InterruptedException {
        Sink sink = job.sink().sink();
        for (BackupSummary backup : engine.list(job)) {
            for (StoredArtifact artifact : engine.show(job, backup.id()).artifacts()) {
                accounted.add(prefix + "/" + artifact.key());
            }
            new Journal(sink)
                    .directory(backup.id())
                    .objects()
                    .forEach(object -> accounted.add(prefix + "/" + object.key()));
        }
    }

    void assertForeignIsUntouched() {
        FOREIGN.forEach((key, content) -> assertThat(
                        Objects.requireNonNull(store.objects.get(key), key).bytes())
                .isEqualTo(content));
    }

    /** What lies in the bucket apart from locks, which come and go. */
    Set<String> keys() {
        Set<String> keys = new TreeSet<>(store.objects.keySet());
        keys.removeIf(key -> key.contains("/lock/"));
        return keys;
    }

    /** Ends the processes; the store lives on. */
    void closeSinks() {
        opened.forEach(S3Sink::close);
        opened.clear();
    }

    @Override
    public void close() {
        closeSinks();
        store.close();
    }
}
