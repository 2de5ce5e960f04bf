package cloud.lvs.backup.runner.testing;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Backs up the files of a directory, one item each; its configuration has a component of every kind. */
public final class NotesProvider implements SourceProvider<NotesProvider.Config> {
    /** Every kind of component there is. */
    public record Config(
            @Doc("Where the notes are.") Path directory,
            @Nullable Path passwordFile,
            @Nullable Secret token,
            @Default("1000") int limit,
            @Default("30s") Duration patience,
            @Default("64MiB") ByteSize chunk,
            @Default("0.5") double share,
            @Default("false") boolean hidden,
            @Default("by-name") Order order,
            @Nullable URI endpoint,
            @Default("[]") List<String> exclude,
            @Default("{}") Map<String, Integer> weights,
            @Default("{depth: 2}") Walk walk) {
        public Config {
            if (limit < 1) {
                throw new IllegalArgumentException("limit must be at least 1, was " + limit);
            }
            if (exclude.contains("everything-there-is")) {
                throw new IllegalArgumentException("exclude must not be everything-there-is");
            }
        }
    }

    /** In which order. */
    public enum Order {
        BY_NAME,
        BY_SIZE
    }

    /** How deep. */
    public record Walk(int depth) {}

    /** What a restore may be told. */
    public record RestoreOptions(
            @Default("false") boolean overwrite,
            @Default("[]") List<String> only) {}

    @Override
    public String type() {
        return "notes";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Class<RestoreOptions> restoreType() {
        return RestoreOptions.class;
    }

    @Override
    public Source create(Config config, ProviderContext context) {
        return new NotesSource(config, context);
    }
}
