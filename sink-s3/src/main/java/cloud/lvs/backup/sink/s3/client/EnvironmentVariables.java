package cloud.lvs.backup.sink.s3.client;

import org.jspecify.annotations.Nullable;

/** The variables a process was started with. */
@FunctionalInterface
public interface EnvironmentVariables {
    /** The value, or null if the variable is not set. */
    @Nullable
    String get(String name);

    /** The value without the white space around it, which secrets often carry; null if there is nothing else. */
    default @Nullable String text(String name) {
        String value = get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
