package cloud.lvs.backup.runner.plugin;

/**
 * A plugin, or one provider of it, that could not be loaded.
 *
 * @param origin its jar or directory
 * @param problem what went wrong
 */
public record BrokenPlugin(String origin, String problem) {
    @Override
    public String toString() {
        return origin + ": " + problem;
    }
}
