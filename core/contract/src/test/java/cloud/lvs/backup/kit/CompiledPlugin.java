package cloud.lvs.backup.kit;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The classes of a plugin in a directory of their own, as its build leaves them. */
final class CompiledPlugin {
    private final Path classes;

    private CompiledPlugin(Path classes) {
        this.classes = classes;
    }

    /** @param source of the public class {@code Plugin}, in the unnamed package, and what it needs */
    static CompiledPlugin of(String source, Path directory) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var file = new SimpleJavaFileObject(URI.create("string:///Plugin.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoringErrors) {
                return source;
            }
        };
        Path classes = Files.createTempDirectory(directory, "classes");
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        if (!compiler.getTask(null, null, diagnostics, options, null, List.of(file))
                .call()) {
            throw new IllegalStateException(diagnostics.getDiagnostics().toString());
        }
        return new CompiledPlugin(classes);
    }

    /** Writes a file to {@code META-INF/services}. */
    CompiledPlugin withService(String file, String line) throws IOException {
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve(file), line + "\n");
        return this;
    }

    /** A new object of the public class {@code name}. */
    <T> T make(Class<T> type, String name) {
        try {
            // Closed with the JVM: what it made loads more classes later.
            URLClassLoader loader = new URLClassLoader(
                    new URL[] {classes.toUri().toURL()}, Thread.currentThread().getContextClassLoader());
            return type.cast(loader.loadClass(name).getConstructor().newInstance());
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
