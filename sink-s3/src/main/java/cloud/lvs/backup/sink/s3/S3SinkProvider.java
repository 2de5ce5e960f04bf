package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.EnvironmentVariables;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import java.util.List;

/** Makes sinks over buckets of S3-compatible stores: {@code type: s3}. */
public final class S3SinkProvider implements SinkProvider<S3SinkConfig> {
    private static final long MEBIBYTE = 1 << 20;
    /** What a run that encrypts, and then copies, was seen to take besides the parts of its uploads. */
    private static final long OTHER_MEMORY = 24 * MEBIBYTE;

    private final EnvironmentVariables environment;

    /** Reads {@code AWS_…} variables from the environment of this process. */
    public S3SinkProvider() {
        this(System::getenv);
    }

    S3SinkProvider(EnvironmentVariables environment) {
        this.environment = environment;
    }

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public Class<S3SinkConfig> configType() {
        return S3SinkConfig.class;
    }

    @Override
    public List<Finding> preflight(S3SinkConfig config, long memoryBytes) {
        long needed = config.uploadBytes() + OTHER_MEMORY;
        if (needed <= memoryBytes) {
            return List.of();
        }
        return List.of(new Finding(
                Finding.Severity.ERROR,
                "bucket " + config.bucket(),
                "needs " + mebibytes(needed) + " MiB for partSize " + config.partSize() + " with "
                        + config.partsInFlight() + " in flight, the process may use " + memoryBytes / MEBIBYTE + " MiB",
                "lower partSize or partsInFlight, or set LVS_JAVA_OPTS=-Xmx" + heapFor(needed) + "m",
                Kind.CONFIG));
    }

    private static long mebibytes(long bytes) {
        return (bytes + MEBIBYTE - 1) / MEBIBYTE;
    }

    /** In MiB; a part of what -Xmx says is not for objects. */
    private static long heapFor(long bytes) {
        return (mebibytes(bytes + bytes / 16) + 63) / 64 * 64;
    }

    @Override
    public Sink create(S3SinkConfig config, ProviderContext context) {
        return new S3Sink(config, Bucket.of(config, environment, context), context.clock());
    }
}
