package cloud.lvs.backup.runner.shell;

import java.util.Map;
import java.util.Optional;

/**
 * The options that are already on a command line.
 *
 * @param values by the longest name, e.g. {@code --config}
 */
public record TypedOptions(Map<String, String> values) {
    public TypedOptions {
        values = Map.copyOf(values);
    }

    /** What an option is set to, if it is. */
    public Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option));
    }
}
