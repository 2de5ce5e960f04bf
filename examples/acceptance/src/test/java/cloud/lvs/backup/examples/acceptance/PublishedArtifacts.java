package cloud.lvs.backup.examples.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What this project publishes. */
final class PublishedArtifacts {
    static final String GROUP = "cloud.lvs.backup";
    static final List<String> JARS = List.of(".jar", "-sources.jar", "-javadoc.jar");

    private PublishedArtifacts() {}

    /** The modules that are published as jars: all but the distribution and the examples. */
    static List<Pom> modules() throws Exception {
        return Pom.of(".").withModules().stream()
                .filter(pom -> !pom.text("packaging").orElse("jar").equals("pom"))
                .filter(pom -> !pom.file().startsWith(Checkout.root().resolve("examples")))
                .filter(pom -> !pom.file().startsWith(Checkout.root().resolve("runner")))
                .toList();
    }

    /**
     * Lays a local repository of Maven out as {@code mvn install} would, in a folder of its own. What others published is linked
     * to from the repository of this build, which has it already.
     */
    static Path installIn(Path repository) throws Exception {
        Path others = Path.of(System.getProperty(
                "lvs.repository",
                Path.of(System.getProperty("user.home"), ".m2/repository").toString()));
        Files.createDirectories(repository);
        try (Stream<Path> groups = Files.list(others)) {
            for (Path group : (Iterable<Path>) groups::iterator) {
                Path link = repository.resolve(group.getFileName());
                if (!group.endsWith("cloud") && !Files.isSymbolicLink(link)) {
                    Files.createSymbolicLink(link, group);
                }
            }
        }
        install(Pom.of("."), List.of(), repository);
        install(Pom.of("core/bom"), List.of(), repository);
        for (Pom module : modules()) {
            install(module, JARS, repository);
        }
        return repository;
    }

    private static void install(Pom pom, List<String> jars, Path repository) throws IOException {
        String name = pom.text("artifactId").orElseThrow();
        Path folder = Files.createDirectories(
                repository.resolve(GROUP.replace('.', '/')).resolve(name).resolve(Checkout.version()));
        copy(pom.file(), folder.resolve(name + "-" + Checkout.version() + ".pom"));
        for (String jar : jars) {
            Path built = Checkout.built(pom.built(jar));
            copy(built, folder.resolve(built.getFileName()));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
