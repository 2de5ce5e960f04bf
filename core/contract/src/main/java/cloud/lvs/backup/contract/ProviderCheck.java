package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.SourceProvider;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the providers of a module can be found and configured, as the runner does it. */
final class ProviderCheck {
    private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final String CLASS_FILE = ".class";
    /** A services file that names classes which do not load has at most so many of interest. */
    private static final int MOST_ERRORS = 100;

    private final Class<?> spi;
    private final Set<String> missing = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    private ProviderCheck(Class<?> spi) {
        this.spi = spi;
    }

    /**
     * Fails if a provider that lies in the jar or directory of what was made cannot be used. Skips the test if there is none:
     * what an application embeds needs no provider.
     *
     * @param spi the interface of the providers
     * @param made a source, sink or policy
     */
    static void assertUsable(Class<?> spi, Object made) throws IOException, URISyntaxException {
        ProviderCheck check = new ProviderCheck(spi);
        check.findProvidersBeside(made.getClass());
        assumeThat(check.missing)
                .as("classes that implement %s beside %s", spi.getSimpleName(), made.getClass())
                .isNotEmpty();
        check.load(made.getClass().getClassLoader());
        for (String provider : check.missing) {
            check.problems.add(provider + " is not named in META-INF/services/" + spi.getName());
        }
        assertThat(check.problems).as("problems of the providers").isEmpty();
    }

    private void findProvidersBeside(Class<?> made) throws IOException, URISyntaxException {
        CodeSource source = made.getProtectionDomain().getCodeSource();
        if (source == null) {
            return;
        }
        Path place = Path.of(source.getLocation().toURI());
        if (Files.isDirectory(place)) {
            findProvidersIn(place, made.getClassLoader());
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            findProvidersIn(jar.getPath("/"), made.getClassLoader());
        }
    }

    private void findProvidersIn(Path root, ClassLoader loader) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = root.relativize(file).toString();
                if (name.endsWith(CLASS_FILE) && !name.endsWith("-info.class")) {
                    String className = name.substring(0, name.length() - CLASS_FILE.length())
                            .replace(root.getFileSystem().getSeparator(), ".");
                    if (isProvider(className, loader)) {
                        missing.add(className);
                    }
                }
            }
        }
    }

    private boolean isProvider(String className, ClassLoader loader) {
        try {
            Class<?> type = Class.forName(className, false, loader);
            return spi.isAssignableFrom(type)
                    && !Modifier.isAbstract(type.getModifiers())
                    && !type.isAnonymousClass()
                    && !type.isLocalClass();
        } catch (ClassNotFoundException | LinkageError e) {
            // Needs a library that is not here, or is of another version of Java.
            return false;
        }
    }

    private void load(ClassLoader loader) {
        Iterator<?> services = ServiceLoader.load(spi, loader).iterator();
        for (int errors = 0; errors < MOST_ERRORS; ) {
            try {
                if (!services.hasNext()) {
                    return;
                }
                Object provider = services.next();
                if (missing.remove(provider.getClass().getName())) {
                    check(provider);
                }
            } catch (ServiceConfigurationError e) {
                errors++;
                problems.add(e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")"));
                missing.removeIf(each -> String.valueOf(e.getMessage()).contains(" " + each + " "));
            }
        }
    }

    private void check(Object provider) {
        String who = provider.getClass().getName();
        if (provider instanceof SourceProvider<?> source) {
            checkType(who, source.type());
            checkRecord(who + ".configType()", source.configType());
            checkRecord(who + ".restoreType()", source.restoreType());
        } else if (provider instanceof SinkProvider<?> sink) {
            checkType(who, sink.type());
            checkRecord(who + ".configType()", sink.configType());
        } else if (provider instanceof RetentionPolicyProvider<?> policy) {
            checkType(who, policy.type());
            checkRecord(who + ".configType()", policy.configType());
        }
    }

    private void checkType(String who, @Nullable String type) {
        if (type == null || !TYPE.matcher(type).matches()) {
            problems.add(who + ".type() says " + (type == null ? "null" : "'" + type + "'")
                    + "; it has to be 1 to 63 letters, digits, '.', '_' and '-'");
        }
    }

    private void checkRecord(String what, @Nullable Class<?> type) {
        if (type == null) {
            problems.add(what + " says null; it has to be a record");
            return;
        }
        ConfigurationRecordCheck.problemsOf(type).forEach(problem -> problems.add(what + ": " + problem));
    }
}
