package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** What this project publishes can be used by others as it is. */
class PublishedArtifactsTest {
    @Test
    void theBomNamesOurOwnArtifactsAndNobodyElses() throws Exception {
        Pom bom = Pom.of("core/bom");
        List<String> published = PublishedArtifacts.modules().stream()
                .map(module -> module.text("artifactId").orElseThrow())
                .toList();

        assertThat(bom.elements("dependencyManagement", "dependencies", "dependency"))
                .extracting(
                        managed -> Pom.text(managed, "groupId").orElse(""),
                        managed -> Pom.text(managed, "artifactId").orElse(""),
                        managed -> Pom.text(managed, "version").orElse(""),
                        managed -> Pom.text(managed, "scope").orElse(""))
                .containsExactlyInAnyOrderElementsOf(published.stream()
                        .map(name -> tuple(PublishedArtifacts.GROUP, name, "${project.version}", ""))
                        .toList());
        assertThat(bom.elements("parent"))
                .as("what an import would bring along")
                .isEmpty();
        assertThat(bom.text("version")).hasValue(Checkout.version());
    }

    @Test
    void everyPublishedModuleHasItsSourcesAndItsJavadoc() throws Exception {
        for (Pom module : PublishedArtifacts.modules()) {
            try (ZipFile classes = new ZipFile(module.built(".jar").toFile());
                    ZipFile sources = new ZipFile(module.built("-sources.jar").toFile());
                    ZipFile javadoc = new ZipFile(module.built("-javadoc.jar").toFile())) {
                String name = classes.stream()
                        .map(entry -> entry.getName())
                        .filter(entry -> entry.endsWith("/package-info.class"))
                        .findFirst()
                        .orElseThrow();
                assertThat(sources.getEntry(name.replace(".class", ".java")))
                        .as("sources of %s", module)
                        .isNotNull();
                assertThat(javadoc.getEntry("index.html"))
                        .as("Javadoc of %s", module)
                        .isNotNull();
            }
        }
    }

    @Test
    void whatAPluginBuildsAgainstNeedsNothingButJSpecify() throws Exception {
        assertThat(dependencies("core/spi")).containsExactly("jspecify compile");
        assertThat(dependencies("core/toolkit"))
                .filteredOn(dependency -> dependency.endsWith(" compile"))
                .containsExactlyInAnyOrder("lvs-backup-spi compile", "jspecify compile");
    }

    @Test
    void theContractKitBringsWhatItsTestsNeed() throws Exception {
        assertThat(dependencies("core/contract"))
                .contains("lvs-backup-spi compile", "junit-jupiter compile", "assertj-core compile");
    }

    private static List<String> dependencies(String module) throws Exception {
        return Pom.of(module).elements("dependencies", "dependency").stream()
                .map(dependency -> Pom.text(dependency, "artifactId").orElseThrow() + " "
                        + Pom.text(dependency, "scope").orElse("compile"))
                .toList();
    }

    /** Else a goal that Maven is told at the root, or the template's build, would have to fetch another one. */
    @Test
    void everyPluginOfMavenHasOneVersion() throws Exception {
        Map<String, String> versions = new HashMap<>();
        for (Element plugin : Pom.of(".").elements("build", "pluginManagement", "plugins", "plugin")) {
            versions.put(name(plugin), Pom.text(plugin, "version").orElseThrow());
        }
        for (Element plugin : Pom.of(".").elements("build", "plugins", "plugin")) {
            Pom.text(plugin, "version").ifPresent(version -> versions.put(name(plugin), version));
        }

        Stream<Element> others = Stream.concat(
                Pom.of("core/bom").elements("build", "pluginManagement", "plugins", "plugin").stream(),
                Pom.of("examples/plugin-template").elements("build", "plugins", "plugin").stream());
        assertThat(others)
                .hasSizeGreaterThan(8)
                .allSatisfy(plugin ->
                        assertThat(Pom.text(plugin, "version")).as(name(plugin)).hasValue(versions.get(name(plugin))));
        assertThat(versions).containsKey("spotless-maven-plugin");
    }

    private static String name(Element plugin) {
        return Pom.text(plugin, "artifactId").orElseThrow();
    }
}
