package cloud.lvs.backup.core;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Who may know whom in this module (docs/architecture.md); lists what is allowed, so that a newcomer fails. */
@AnalyzeClasses(packages = "cloud.lvs.backup", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] JDK = {"java..", "javax.crypto.."};

    @ArchTest
    static final ArchRule THE_SPI_NEEDS_NOTHING = classes()
            .that()
            .resideInAPackage("cloud.lvs.backup.spi..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(JDK, "cloud.lvs.backup.spi..", "org.jspecify.."));

    @ArchTest
    static final ArchRule THE_CORE_KNOWS_NO_PROVIDER_AND_NO_VENDOR = classes()
            .that()
            .resideInAPackage("cloud.lvs.backup.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(
                    JDK,
                    "cloud.lvs.backup.spi..",
                    "cloud.lvs.backup.core..",
                    "org.jspecify..",
                    "org.slf4j..",
                    "com.fasterxml.jackson..",
                    "com.github.luben.zstd..",
                    "com.exceptionfactory.jagged.."));

    @ArchTest
    static final ArchRule BUILT_IN_SINK_AND_RETENTION_USE_THE_SPI_AS_PLUGINS_DO = classes()
            .that()
            .resideInAnyPackage("cloud.lvs.backup.core.directory..", "cloud.lvs.backup.core.retention..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(
                    JDK,
                    "cloud.lvs.backup.spi..",
                    "cloud.lvs.backup.core.directory..",
                    "cloud.lvs.backup.core.retention..",
                    "org.jspecify.."));

    @ArchTest
    static final ArchRule THE_CONTRACT_KIT_SHIPS_WITH_THE_SPI_ALONE = classes()
            .that()
            .resideInAPackage("cloud.lvs.backup.contract..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(
                    JDK,
                    "cloud.lvs.backup.spi..",
                    "cloud.lvs.backup.contract..",
                    "org.jspecify..",
                    "org.junit.jupiter..",
                    "org.opentest4j..",
                    "org.assertj.core.."));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching("cloud.lvs.backup.(core.*)..").should().beFreeOfCycles();

    /** From the engine down; each may use those after it. */
    private static final List<String> ROOMS = List.of(
            "",
            ".diagnosis",
            ".commit",
            ".prune",
            ".read",
            ".counting",
            ".context",
            ".event",
            ".report",
            ".files",
            ".job",
            ".shield");

    @ArchTest
    static void roomsUseOnlyThoseBelow(JavaClasses classes) {
        for (int room = 1; room < ROOMS.size(); room++) {
            String[] above = ROOMS.subList(0, room).stream()
                    .map(name -> "cloud.lvs.backup.core" + name)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("cloud.lvs.backup.core" + ROOMS.get(room))
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(above))
                    .check(classes);
        }
    }

    @ArchTest
    static void everyPackageHasItsPlace(JavaClasses classes) {
        Set<String> parts = Set.of(".catalog", ".pipeline", ".retention", ".directory");
        assertThat(classes.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> name.startsWith("cloud.lvs.backup.core"))
                        .map(name -> name.substring("cloud.lvs.backup.core".length())))
                .allMatch(name -> ROOMS.contains(name) || parts.contains(name));
    }

    @ArchTest
    static final ArchRule PARTS_KNOW_NO_ROOM = noClasses()
            .that()
            .resideInAnyPackage(
                    "cloud.lvs.backup.core.catalog..",
                    "cloud.lvs.backup.core.pipeline..",
                    "cloud.lvs.backup.core.retention..",
                    "cloud.lvs.backup.core.directory..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    ROOMS.stream().map(name -> "cloud.lvs.backup.core" + name).toArray(String[]::new)));

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
