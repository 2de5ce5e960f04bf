package cloud.lvs.backup.runner.plugin;

import java.util.List;

/** The parent of every plugin's class loader: the JDK, the SPI, JSpecify and slf4j, and nothing else of the host. */
final class SharedClassLoader extends ClassLoader {
    private static final List<String> SHARED =
            List.of("cloud.lvs.backup.spi.", "org.jspecify.annotations.", "org.slf4j.");

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader host;

    SharedClassLoader(ClassLoader host) {
        super("lvs-backup-shared", ClassLoader.getPlatformClassLoader());
        this.host = host;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith) || name.equals(PluginExit.class.getName())) {
            return host.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
