package cloud.lvs.backup.runner.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.security.CodeSource;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** The class loader of one plugin. Its classes cannot end the process by the usual calls: see {@link ExitCallRewriter}. */
final class PluginClassLoader extends URLClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** @param name what stack traces call it */
    PluginClassLoader(String name, URL[] jars, ClassLoader parent) {
        super(name, jars, parent);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String path = name.replace('.', '/') + ".class";
        try {
            Optional<byte[]> replaced = withoutExitCalls(path);
            if (replaced.isPresent()) {
                return define(name, path, replaced.get());
            }
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        return super.findClass(name);
    }

    private Optional<byte[]> withoutExitCalls(String path) throws IOException {
        try (InputStream in = getResourceAsStream(path)) {
            return in == null ? Optional.empty() : ExitCallRewriter.replacedIn(in.readAllBytes());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Of a later Java than can be read, or damaged: what the JVM says of it is said when it is defined.
            return Optional.empty();
        }
    }

    /** As {@link URLClassLoader} does it. */
    private Class<?> define(String name, String path, byte[] code) throws IOException, ClassNotFoundException {
        URL url = findResource(path);
        if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
            throw new ClassNotFoundException(name);
        }
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            JarEntry entry = connection.getJarEntry();
            try (InputStream in = jar.getInputStream(entry)) {
                // Its signers are known once it has been read.
                in.readAllBytes();
            }
            definePackageOf(name, jar.getManifest(), connection.getJarFileURL());
            return defineClass(
                    name, code, 0, code.length, new CodeSource(connection.getJarFileURL(), entry.getCodeSigners()));
        }
    }

    private void definePackageOf(String className, @Nullable Manifest manifest, URL jar) {
        int end = className.lastIndexOf('.');
        if (end < 0 || getDefinedPackage(className.substring(0, end)) != null) {
            return;
        }
        try {
            definePackage(className.substring(0, end), manifest == null ? new Manifest() : manifest, jar);
        } catch (IllegalArgumentException e) {
            // Another thread was quicker.
        }
    }
}
