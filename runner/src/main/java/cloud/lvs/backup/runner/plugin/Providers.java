package cloud.lvs.backup.runner.plugin;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.SourceProvider;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The providers there are: those on the class path, and those of plugins. A plugin is one jar, or a directory of jars, in the
 * plugin directory; it has a class loader of its own. A plugin that fails to load is kept in {@link #broken()} and harms
 * nothing else.
 */
public final class Providers implements AutoCloseable {
    /** Some loaders repeat an error for ever instead of going on to the next provider. */
    private static final int MAX_ERRORS = 20;

    /** The JDK's words for a class or a constructor that is missing or not public. */
    private static final String NO_CONSTRUCTOR = "Unable to get public no-arg constructor";

    private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private final Map<ProviderKind, Map<String, RegisteredProvider>> found = new EnumMap<>(ProviderKind.class);
    private final List<BrokenPlugin> broken = new ArrayList<>();
    private final List<URLClassLoader> loaders = new ArrayList<>();

    private Providers() {
        for (ProviderKind kind : ProviderKind.values()) {
            found.put(kind, new TreeMap<>());
        }
    }

    /**
     * Looks for providers.
     *
     * @param pluginDirectory where plugins lie; null if there are none
     * @throws BackupException of kind {@code CONFIG} if two providers have one type, or the directory cannot be read
     */
    public static Providers discover(@Nullable Path pluginDirectory) throws BackupException {
        var providers = new Providers();
        ClassLoader host = Providers.class.getClassLoader();
        try {
            providers.load(host, "the class path");
            if (pluginDirectory != null) {
                var shared = new SharedClassLoader(host);
                for (Path plugin : pluginsIn(pluginDirectory)) {
                    providers.loadPlugin(plugin, shared);
                }
            }
        } catch (BackupException e) {
            providers.close();
            throw e;
        }
        return providers;
    }

    /** The provider of a type, if there is one that loaded. */
    public Optional<RegisteredProvider> find(ProviderKind kind, String type) {
        return Optional.ofNullable(ofKind(kind).get(type));
    }

    /** The types there are of a kind. */
    public SortedSet<String> types(ProviderKind kind) {
        return new TreeSet<>(ofKind(kind).keySet());
    }

    /** Every provider, by kind and type. */
    public List<RegisteredProvider> all() {
        return found.values().stream().flatMap(types -> types.values().stream()).toList();
    }

    /** What could not be loaded. */
    public List<BrokenPlugin> broken() {
        return List.copyOf(broken);
    }

    private Map<String, RegisteredProvider> ofKind(ProviderKind kind) {
        return found.getOrDefault(kind, Map.of());
    }

    private static List<Path> pluginsIn(Path directory) throws BackupException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.isDirectory(entry) || isJar(entry))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "plugin directory " + directory,
                    "cannot be read: " + FileErrors.inWords(e),
                    "name an existing directory with --plugins or LVS_BACKUP_PLUGINS",
                    e);
        }
    }

    private static boolean isJar(Path file) {
        return file.getFileName().toString().endsWith(".jar") && Files.isRegularFile(file);
    }

    private void loadPlugin(Path plugin, ClassLoader shared) throws BackupException {
        List<URL> jars = new ArrayList<>();
        Optional<HostReference> outsideTheSpi;
        try {
            List<Path> files = jarsOf(plugin);
            for (Path jar : files) {
                jars.add(jar.toUri().toURL());
            }
            // Opens them all as well: a class loader passes over a damaged jar in silence.
            outsideTheSpi = HostReference.firstIn(files);
        } catch (IOException e) {
            broken.add(new BrokenPlugin(plugin.toString(), "cannot be read: " + FileErrors.inWords(e)));
            return;
        }
        if (jars.isEmpty()) {
            broken.add(new BrokenPlugin(plugin.toString(), "holds no jar"));
            return;
        }
        if (outsideTheSpi.isPresent()) {
            broken.add(new BrokenPlugin(plugin.toString(), outsideTheSpi.get().problem()));
            return;
        }
        var loader = new PluginClassLoader("plugin " + plugin.getFileName(), jars.toArray(URL[]::new), shared);
        loaders.add(loader);
        int brokenBefore = broken.size();
        if (load(loader, plugin.toString()) == 0 && broken.size() == brokenBefore) {
            broken.add(new BrokenPlugin(
                    plugin.toString(),
                    "declares no provider: it has no file "
                            + Arrays.stream(ProviderKind.values())
                                    .map(kind ->
                                            "META-INF/services/" + kind.spi().getName())
                                    .collect(Collectors.joining(" or "))));
        }
    }

    private static List<Path> jarsOf(Path plugin) throws IOException {
        if (!Files.isDirectory(plugin)) {
            return List.of(plugin);
        }
        try (Stream<Path> entries = Files.list(plugin)) {
            return entries.filter(Providers::isJar).sorted().toList();
        }
    }

    /** @return how many providers there were */
    private int load(ClassLoader loader, String origin) throws BackupException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            int count = 0;
            for (ProviderKind kind : ProviderKind.values()) {
                count += load(kind, loader, origin);
            }
            return count;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private int load(ProviderKind kind, ClassLoader loader, String origin) throws BackupException {
        Iterator<?> services = ServiceLoader.load(kind.spi(), loader).iterator();
        int count = 0;
        int errors = 0;
        while (errors < MAX_ERRORS) {
            try {
                if (!services.hasNext()) {
                    break;
                }
                Object provider = services.next();
                Optional<String> type = soundTypeOf(kind, provider, origin);
                if (type.isPresent()) {
                    register(new RegisteredProvider(
                            kind, type.get(), provider, jarOf(provider, origin), versionOf(provider)));
                    count++;
                }
            } catch (OutOfMemoryError e) {
                throw e;
            } catch (RuntimeException | Error e) {
                errors++;
                broken.add(new BrokenPlugin(origin, kind.word() + " provider does not load: " + reason(e)));
            }
        }
        return count;
    }

    /** Empty if no configuration could name it, which is kept as the plugin's fault. */
    private Optional<String> soundTypeOf(ProviderKind kind, Object provider, String origin) {
        String problem;
        try {
            String type = typeOf(provider);
            if (type != null && TYPE.matcher(type).matches()) {
                return Optional.of(type);
            }
            problem = "says " + (type == null ? "null" : "'" + type + "'")
                    + "; it has to be 1 to 63 letters, digits, '.', '_' and '-'";
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            problem = "fails: " + reason(e);
        }
        broken.add(new BrokenPlugin(
                origin, kind.word() + " provider " + provider.getClass().getName() + ": its type() " + problem));
        return Optional.empty();
    }

    @SuppressWarnings("NullAway") // a plugin may say null whatever the interface promises
    private static @Nullable String typeOf(Object provider) {
        if (provider instanceof SourceProvider<?> source) {
            return source.type();
        }
        if (provider instanceof SinkProvider<?> sink) {
            return sink.type();
        }
        return ((RetentionPolicyProvider<?>) provider).type();
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause();
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (message.endsWith(NO_CONSTRUCTOR) || cause instanceof IllegalAccessException) {
            return message.replace(NO_CONSTRUCTOR, "could not be instantiated")
                    + ": the class has to be public, with a public constructor without arguments";
        }
        return message + (cause == null ? "" : " (" + cause + ")");
    }

    private void register(RegisteredProvider provider) throws BackupException {
        RegisteredProvider other = ofKind(provider.kind()).putIfAbsent(provider.type(), provider);
        if (other != null) {
            throw new BackupException(
                    Kind.CONFIG,
                    provider.kind().word() + " type '" + provider.type() + "'",
                    "has two providers: " + other.className() + " in " + other.origin() + " and " + provider.className()
                            + " in " + provider.origin(),
                    "remove one of the two");
        }
    }

    private static String jarOf(Object provider, String otherwise) {
        CodeSource source = provider.getClass().getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return otherwise;
        }
        try {
            return Path.of(URI.create(source.getLocation().toString())).toString();
        } catch (IllegalArgumentException e) {
            return source.getLocation().toString();
        }
    }

    private static String versionOf(Object provider) {
        String version = provider.getClass().getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }

    /** Closes the jars of the plugins; what they made must not be used any more. */
    @Override
    public void close() {
        for (URLClassLoader loader : loaders) {
            try {
                loader.close();
            } catch (IOException e) {
                // Only reading was going on: nothing is lost.
            }
        }
    }
}
