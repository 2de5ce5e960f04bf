package cloud.lvs.backup.runner.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Compiles sources against this program and packs what comes of them. */
public final class PluginJar {
    private final Path work;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> services = new LinkedHashMap<>();

    public PluginJar(Path work) {
        this.work = work;
    }

    /** A class of package {@code plug}. */
    public PluginJar type(String name, String source) {
        sources.put(name, "package plug;\nimport cloud.lvs.backup.spi.*;\nimport java.util.*;\n" + source);
        return this;
    }

    public PluginJar service(Class<?> spi, String providers) {
        services.put(spi.getName(), providers);
        return this;
    }

    /** Everything but the classes that {@code leftOut} names. */
    public void pack(Path jar, Predicate<String> leftOut) throws IOException {
        Path source = Files.createDirectories(work.resolve("source").resolve("plug"));
        Path classes = Files.createDirectories(work.resolve("classes"));
        List<String> arguments = new ArrayList<>(
                List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString()));
        for (Map.Entry<String, String> type : sources.entrySet()) {
            Path file = source.resolve(type.getKey() + ".java");
            Files.writeString(file, type.getValue());
            arguments.add(file.toString());
        }
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, System.err, arguments.toArray(String[]::new));
        if (code != 0) {
            throw new IllegalStateException("the plugin does not compile");
        }
        Files.createDirectories(jar.getParent());
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "7.1");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = classes.relativize(file).toString();
                if (!leftOut.test(name)) {
                    entries.putNextEntry(new JarEntry(name));
                    Files.copy(file, entries);
                }
            }
            for (Map.Entry<String, String> service : services.entrySet()) {
                entries.putNextEntry(new JarEntry("META-INF/services/" + service.getKey()));
                entries.write(service.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
