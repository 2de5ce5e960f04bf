package cloud.lvs.backup.runner.testing;

import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import java.util.stream.IntStream;

/** Keeps the newest few. */
public final class LatestProvider implements RetentionPolicyProvider<LatestProvider.Config> {
    /** How many. */
    public record Config(int count) {
        public Config {
            if (count < 1) {
                throw new IllegalArgumentException("count must be at least 1, was " + count);
            }
        }
    }

    @Override
    public String type() {
        return "latest";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public RetentionPolicy create(Config config) {
        return (newestFirst, now) -> new RetentionPlan(IntStream.range(0, newestFirst.size())
                .mapToObj(i -> new Decision(
                        newestFirst.get(i),
                        i < config.count() ? Verdict.KEEP : Verdict.DROP,
                        "count: " + (i + 1) + " of " + config.count()))
                .toList());
    }
}
