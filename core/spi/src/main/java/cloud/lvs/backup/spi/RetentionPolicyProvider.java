package cloud.lvs.backup.spi;

/**
 * Makes retention policies of one type. Found through {@code META-INF/services}; public, with a public no-argument
 * constructor.
 *
 * @param <C> the configuration: a record, see {@link SourceProvider}
 */
public interface RetentionPolicyProvider<C extends Record> {
    /** What {@code type:} says in the configuration, e.g. {@code standard}. */
    String type();

    /** The record that holds the configuration. */
    Class<C> configType();

    /**
     * A policy over this configuration.
     *
     * @throws IllegalArgumentException if the configuration cannot work; the message names the key
     */
    RetentionPolicy create(C config);
}
