package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;

/** Makes sinks over buckets of S3-compatible stores: {@code type: s3}. */
public final class S3SinkProvider implements SinkProvider<S3SinkConfig> {
    private final Environment environment;

    /** Reads {@code AWS_…} variables from the environment of this process. */
    public S3SinkProvider() {
        this(System::getenv);
    }

    S3SinkProvider(Environment environment) {
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
    public Sink create(S3SinkConfig config, ProviderContext context) {
        Location location = Location.of(config, environment);
        Connection connection = new Connection(
                config,
                location,
                new Credentials(config, environment, context),
                TrustedCertificates.of(config, environment));
        return new S3Sink(config, new Bucket(config, location, connection), context.clock());
    }
}
