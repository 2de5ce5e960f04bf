package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;

/** Makes sources of type {@code k3s}: the embedded SQLite datastore of a k3s server with its token. */
public final class K3sSourceProvider implements SourceProvider<K3sConfig> {
    @Override
    public String type() {
        return "k3s";
    }

    @Override
    public Class<K3sConfig> configType() {
        return K3sConfig.class;
    }

    @Override
    public Class<K3sRestoreOptions> restoreType() {
        return K3sRestoreOptions.class;
    }

    @Override
    public Source create(K3sConfig config, ProviderContext context) {
        return new K3sSource(config, context);
    }
}
