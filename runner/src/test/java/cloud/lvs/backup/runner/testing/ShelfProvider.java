package cloud.lvs.backup.runner.testing;

import cloud.lvs.backup.core.directory.DirectorySinkConfig;
import cloud.lvs.backup.core.directory.DirectorySinkProvider;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A directory that behaves as a bucket does: it has usage, may refuse deletion, and may not be reached. */
public final class ShelfProvider implements SinkProvider<ShelfProvider.Config> {
    /**
     * How it behaves.
     *
     * @param bucket its own; the others are seen by its credentials only
     * @param buckets the bytes in each bucket that can be read; each object has 100
     * @param unreadable the buckets that cannot
     * @param refuses what it answers to a deletion; empty to obey
     * @param down what it answers to everything; empty to work
     */
    public record Config(
            Path path,
            @Nullable String bucket,
            @Default("{}") Map<String, Long> buckets,
            @Default("[]") List<String> unreadable,
            @Default("") String refuses,
            @Default("") String down) {}

    @Override
    public String type() {
        return "shelf";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Sink create(Config config, ProviderContext context) {
        return new ShelfSink(
                config, new DirectorySinkProvider().create(new DirectorySinkConfig(config.path()), context));
    }
}
