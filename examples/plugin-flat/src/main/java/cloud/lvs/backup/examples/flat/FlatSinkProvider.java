package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;

/** {@code type: flat}; named in {@code META-INF/services}. */
public final class FlatSinkProvider implements SinkProvider<FlatSinkConfig> {
    @Override
    public String type() {
        return "flat";
    }

    @Override
    public Class<FlatSinkConfig> configType() {
        return FlatSinkConfig.class;
    }

    @Override
    public Sink create(FlatSinkConfig config, ProviderContext context) {
        return new FlatSink(config.directory().toAbsolutePath());
    }
}
