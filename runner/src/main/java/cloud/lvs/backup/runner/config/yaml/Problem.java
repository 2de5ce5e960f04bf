package cloud.lvs.backup.runner.config.yaml;

/**
 * A mistake in the configuration. Never holds a configured text that could be a secret.
 *
 * @param at where
 * @param path the key, e.g. {@code jobs.k3s.retention.keepDaly}; empty if it is about the file
 * @param message what is wrong and what to write instead
 */
public record Problem(TextPosition at, String path, String message) {
    /** {@code file:line:column: path: message}. */
    @Override
    public String toString() {
        return at + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
