package cloud.lvs.backup.spi;

/**
 * Makes sinks of one type. Found through {@code META-INF/services}; public, with a public no-argument constructor.
 *
 * @param <C> the configuration: a record, see {@link SourceProvider}
 */
public interface SinkProvider<C extends Record> {
    /** What {@code type:} says in the configuration, e.g. {@code s3}. */
    String type();

    /** The record that holds the configuration. */
    Class<C> configType();

    /**
     * A sink over this configuration; no I/O yet.
     *
     * @throws IllegalArgumentException if the configuration cannot work; the message names the key
     */
    Sink create(C config, ProviderContext context);
}
