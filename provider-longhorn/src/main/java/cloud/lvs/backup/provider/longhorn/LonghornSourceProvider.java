package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ClusterAccess;
import cloud.lvs.backup.provider.longhorn.cluster.Waiting;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.util.Set;

/** Makes sources of type {@code longhorn}: volumes, by Longhorn's own backups. */
public final class LonghornSourceProvider implements SourceProvider<LonghornConfig> {
    @Override
    public String type() {
        return "longhorn";
    }

    @Override
    public Class<LonghornConfig> configType() {
        return LonghornConfig.class;
    }

    @Override
    public Class<LonghornRestoreOptions> restoreType() {
        return LonghornRestoreOptions.class;
    }

    @Override
    public Level verifiesFrom() {
        return Level.STORED;
    }

    @Override
    public Set<String> readsSinks(LonghornConfig config) {
        return config.backupTarget() == null ? Set.of() : Set.of(config.backupTarget());
    }

    @Override
    public Source create(LonghornConfig config, ProviderContext context) {
        if (config.offline()) {
            return new OfflineSource(config, context);
        }
        ClusterAccess access = new ClusterAccess(config.kubeconfig(), config.context(), config.namespace());
        return new ClusterSource(config, context, () -> Cluster.open(access, Waiting.by(context.clock())));
    }
}
