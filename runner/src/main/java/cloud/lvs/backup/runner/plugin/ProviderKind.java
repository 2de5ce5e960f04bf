package cloud.lvs.backup.runner.plugin;

import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.SourceProvider;
import java.util.Locale;

/** What a provider makes. */
public enum ProviderKind {
    SOURCE(SourceProvider.class),
    SINK(SinkProvider.class),
    RETENTION(RetentionPolicyProvider.class);

    private final Class<?> spi;

    ProviderKind(Class<?> spi) {
        this.spi = spi;
    }

    /** The interface its providers implement. */
    public Class<?> spi() {
        return spi;
    }

    /** {@code source}, {@code sink} or {@code retention}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
