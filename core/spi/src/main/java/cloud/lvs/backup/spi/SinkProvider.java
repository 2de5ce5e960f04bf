package cloud.lvs.backup.spi;

import java.util.List;

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
     * What would keep a sink of this configuration from being written to in this process, whatever the store does: told by
     * {@code doctor} and {@code config validate}, and before a run begins. No I/O.
     *
     * @param memoryBytes how much memory (heap) the process may use
     */
    default List<Finding> preflight(C config, long memoryBytes) {
        return List.of();
    }

    /**
     * A sink over this configuration; no I/O yet.
     *
     * @throws IllegalArgumentException if the configuration cannot work; the message names the key
     */
    Sink create(C config, ProviderContext context);
}
