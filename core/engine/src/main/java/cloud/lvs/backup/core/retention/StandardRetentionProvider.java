package cloud.lvs.backup.core.retention;

import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;

/** Makes the standard retention: {@code type: standard}, the default. */
public final class StandardRetentionProvider implements RetentionPolicyProvider<StandardRetentionConfig> {
    @Override
    public String type() {
        return "standard";
    }

    @Override
    public Class<StandardRetentionConfig> configType() {
        return StandardRetentionConfig.class;
    }

    @Override
    public RetentionPolicy create(StandardRetentionConfig config) {
        return new StandardRetention(config);
    }
}
