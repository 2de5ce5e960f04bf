package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;

/** Makes {@link DirectorySink}s: {@code type: directory}. */
public final class DirectorySinkProvider implements SinkProvider<DirectorySinkConfig> {
    @Override
    public String type() {
        return "directory";
    }

    @Override
    public Class<DirectorySinkConfig> configType() {
        return DirectorySinkConfig.class;
    }

    @Override
    public Sink create(DirectorySinkConfig config, ProviderContext context) {
        return new DirectorySink(config.path());
    }
}
