package cloud.lvs.backup.examples.hanoi;

import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;

/** {@code type: hanoi}; named in {@code META-INF/services}. */
public final class HanoiRetentionProvider implements RetentionPolicyProvider<HanoiConfig> {
    @Override
    public String type() {
        return "hanoi";
    }

    @Override
    public Class<HanoiConfig> configType() {
        return HanoiConfig.class;
    }

    @Override
    public RetentionPolicy create(HanoiConfig config) {
        return new HanoiRetention(config.rings());
    }
}
