package cloud.lvs.backup.examples.benchmark.measure;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an operator unpacks.
 *
 * @param home the directory with {@code bin} and {@code lib}
 */
public record Distribution(Path home) {
    public Distribution {
        home = home.toAbsolutePath().normalize();
    }

    /** The program with these arguments. */
    public List<String> command(String... arguments) {
        return Stream.concat(Stream.of(launcher()), Stream.of(arguments)).toList();
    }

    /** The program in a directory with a {@code lvs.yaml}. */
    public MeasuredCommand measured(Path place, String... arguments) {
        return MeasuredCommand.of(
                place,
                Stream.concat(command("-c", "lvs.yaml").stream(), Stream.of(arguments))
                        .toList());
    }

    /**
     * A main class of this module in place of the program's own, with the jars of the distribution and the options that its
     * launcher gives to Java.
     */
    public MeasuredCommand commandOf(Class<?> main, Path place, String... arguments) throws IOException {
        return commandOf(classPath(), main, place, arguments);
    }

    /** The same with the jars of this module, which are more. */
    public MeasuredCommand commandOfOwn(Class<?> main, Path place, String... arguments) throws IOException {
        return commandOf(absolute(System.getProperty("java.class.path")), main, place, arguments);
    }

    private MeasuredCommand commandOf(String classPath, Class<?> main, Path place, String... arguments)
            throws IOException {
        Path options = Files.createTempFile(place, "java-", ".options");
        Files.write(
                options,
                Stream.concat(Stream.of("-cp", classPath, main.getName()), Stream.of(arguments))
                        .map(Distribution::quoted)
                        .toList());
        // What comes behind the first main class, the launcher's own included, are arguments.
        return MeasuredCommand.of(place, launcher()).with("LVS_JAVA_OPTS", "@" + options);
    }

    private String launcher() {
        return home.resolve("bin/lvs-backup").toString();
    }

    /** Begins as the launcher's, or the class-data archive would not fit. */
    private String classPath() throws IOException {
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            return Stream.concat(
                            jars.filter(jar -> jar.toString().endsWith(".jar")).sorted(), Stream.of(ownClasses()))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    private static Path ownClasses() {
        return Path.of(System.getProperty("java.class.path").split(File.pathSeparator, 2)[0])
                .toAbsolutePath();
    }

    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
