package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** A process of its own that backs up into a bucket until it is to be killed. */
final class KilledProcess {
    /** What it prints when that time has come. */
    static final String READY = "ready to be killed";

    /** Two parts and a bit. */
    static final int LARGE = 11 << 20;

    static final Duration GRACE = Duration.ofHours(10);
    static final Duration LOCK_TTL = Duration.ofMinutes(10);

    private KilledProcess() {}

    /** @param arguments endpoint, bucket, and after how many bytes of the large file it waits */
    public static void main(String[] arguments) throws Exception {
        int fatal = Integer.parseInt(arguments[2]);
        try (S3Sink sink = sink(arguments[0], arguments[1])) {
            engine(TestTime.machine(), 1).run(job(sink, 1, bytes -> waitAt(bytes, fatal)), Mode.EXECUTE);
        }
    }

    private static void waitAt(int bytes, int fatal) {
        if (bytes >= fatal) {
            System.out.println(READY);
            while (true) {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                    // Nothing but its death ends it.
                }
            }
        }
    }

    static BackupEngine engine(Clock clock, int seed) {
        return new BackupEngine(clock, new Random(seed), Map.of("lvs-backup", "test"), event -> {});
    }

    static S3Sink sink(String endpoint, String bucket) {
        S3SinkConfig config = S3SinkConfig.builder(bucket)
                .endpoint(endpoint)
                .allowPlainHttp()
                .keys(new Secret(ProxyStore.ID), new Secret(ProxyStore.SECRET))
                .parts(new ByteSize(5L << 20), 2, 100)
                .build();
        return (S3Sink) new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target")));
    }

    static Job job(S3Sink sink, int newest, FilesSource.Progress progress) {
        return Job.named("demo", "files", () -> new FilesSource(LARGE, progress), new NamedSink("main", sink))
                .pipeline(new Pipeline(Compression.NONE))
                .grace(GRACE)
                .staleAfter(Duration.ofDays(3650))
                .lockTtl(LOCK_TTL)
                .retention(new KeepNewest(newest))
                .build();
    }
}
