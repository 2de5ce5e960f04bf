package cloud.lvs.backup.spi;

import java.util.Set;

/**
 * Makes sources of one type. Found through {@code META-INF/services}; public, with a public no-argument constructor.
 *
 * <p>The configuration type is a public record. A component is required unless it is {@code @Nullable} or carries
 * {@link Default}; {@link Doc} describes it; a {@link Secret} is masked wherever the configuration is shown. Components
 * may be {@code String}, {@code int}, {@code long}, {@code boolean}, {@code double}, enums, {@code java.nio.file.Path},
 * {@code java.net.URI}, {@code java.time.Duration} ({@code 90s}, {@code 26h}, {@code 7d}), {@link ByteSize},
 * {@link Secret}, other such records, and {@code List} or {@code Map<String, …>} of these. Its compact constructor
 * refuses what cannot work with an {@link IllegalArgumentException} that names the key.
 *
 * @param <C> the configuration
 */
public interface SourceProvider<C extends Record> {
    /** What {@code type:} says in the configuration, e.g. {@code postgres}. */
    String type();

    /** The record that holds the configuration. */
    Class<C> configType();

    /**
     * The record that holds what {@code restore --set key=value} may say; the same rules as for the configuration. The options
     * of a {@link RestoreRequest} are an instance of it: the engine refuses others.
     */
    default Class<? extends Record> restoreType() {
        return NoOptions.class;
    }

    /**
     * The lowest level at which {@link Source#verify} has something to add: {@link Level#CHECKSUM} for a source whose data lies
     * outside the sink, since the engine can only check the record of it.
     */
    default Level verifiesFrom() {
        return Level.CONTENT;
    }

    /** The level at which {@code verify} proves a backup when the operator names none. */
    default Level defaultLevel() {
        return Level.CHECKSUM;
    }

    /**
     * The names of the sinks that a source of this configuration reads, by {@link ProviderContext#store}: the host tells of a name
     * that it does not know before anything is done.
     */
    default Set<String> readsSinks(C config) {
        return Set.of();
    }

    /**
     * A source over this configuration, for one run; no I/O yet.
     *
     * @throws IllegalArgumentException if the configuration cannot work; the message names the key
     */
    Source create(C config, ProviderContext context);
}
