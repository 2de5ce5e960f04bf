package cloud.lvs.backup.runner.testing;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import java.nio.file.Path;

/** A sink that can be configured and never opened. */
public final class VaultProvider implements SinkProvider<VaultProvider.Config> {
    /** Where. */
    public record Config(Path path) {}

    @Override
    public String type() {
        return "vault";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Sink create(Config config, ProviderContext context) {
        throw new IllegalArgumentException("path leads nowhere");
    }
}
