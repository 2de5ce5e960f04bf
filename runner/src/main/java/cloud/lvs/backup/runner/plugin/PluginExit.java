package cloud.lvs.backup.runner.plugin;

/**
 * A plugin called something that would have ended the process, and with it the work of others. The class loader of plugins puts
 * the methods of this class in the place of {@code System.exit}, {@code Runtime.exit} and {@code Runtime.halt}: see {@link
 * ExitCallRewriter}.
 */
public final class PluginExit extends Error {
    private static final long serialVersionUID = 1L;

    private PluginExit(String call) {
        super("called " + call + ", which would have ended the process");
    }

    /** In the place of {@link System#exit}. */
    public static void exit(int status) {
        throw new PluginExit("System.exit(" + status + ")");
    }

    /** In the place of {@link Runtime#exit}. */
    public static void exit(Runtime runtime, int status) {
        throw new PluginExit("Runtime.exit(" + status + ")");
    }

    /** In the place of {@link Runtime#halt}. */
    public static void halt(Runtime runtime, int status) {
        throw new PluginExit("Runtime.halt(" + status + ")");
    }

    /** What happened, without the name of this class. */
    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }
}
