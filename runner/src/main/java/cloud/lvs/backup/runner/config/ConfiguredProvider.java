package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.yaml.TextPosition;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import org.jspecify.annotations.Nullable;

/**
 * A configured source, sink or retention policy.
 *
 * @param <P> the SPI's interface of its provider; tells the three apart in the records that hold them
 * @param type what {@code type:} says
 * @param at where it is configured
 * @param usable the provider with its bound record; null if the plugin that has it is broken
 * @param unusable why it cannot be used; empty if it can
 */
@SuppressWarnings("UnusedTypeParameter") // read by reflection: it says what kind of provider a component holds
public record ConfiguredProvider<P>(
        String type, TextPosition at, @Nullable Usable usable, String unusable) {
    /**
     * A provider with its configuration.
     *
     * @param provider makes it
     * @param config of the provider's own record
     */
    public record Usable(RegisteredProvider provider, Record config) {}

    public static ConfiguredProvider<?> usable(RegisteredProvider provider, TextPosition at, Record config) {
        return new ConfiguredProvider<>(provider.type(), at, new Usable(provider, config), "");
    }

    public static ConfiguredProvider<?> unusable(String type, TextPosition at, String reason) {
        return new ConfiguredProvider<>(type, at, null, reason);
    }

    /**
     * The provider with its record.
     *
     * @throws BackupException of kind {@code CONFIG} if the plugin that has the type is broken
     */
    public Usable require() throws BackupException {
        if (usable == null) {
            throw new BackupException(
                    Kind.CONFIG, at + ": type '" + type + "'", unusable, "mend or remove the plugin; see 'providers'");
        }
        return usable;
    }
}
