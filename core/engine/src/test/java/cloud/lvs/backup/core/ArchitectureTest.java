package cloud.lvs.backup.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/** Who may know whom in this module (docs/architecture.md); lists what is allowed, so that a newcomer fails. */
@AnalyzeClasses(packages = "cloud.lvs.backup")
class ArchitectureTest {
    private static final DescribedPredicate<JavaClass> MAIN = DescribedPredicate.describe(
            "are no tests",
            type -> type.getSource().stream()
                    .noneMatch(source -> source.getUri().getPath().contains("/test-classes/")));

    private static final String[] JDK = {"java..", "javax.crypto.."};

    @ArchTest
    static final ArchRule THE_SPI_NEEDS_NOTHING = classes()
            .that()
            .resideInAPackage("cloud.lvs.backup.spi..")
            .and(MAIN)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(JDK, "cloud.lvs.backup.spi..", "org.jspecify.."));

    @ArchTest
    static final ArchRule THE_CORE_KNOWS_NO_PROVIDER_AND_NO_VENDOR = classes()
            .that()
            .resideInAPackage("cloud.lvs.backup.core..")
            .and(MAIN)
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
            .and(MAIN)
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
                    "org.assertj.core.."));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching("cloud.lvs.backup.(core.*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_ENGINE_STANDS_ABOVE_ITS_PARTS = noClasses()
            .that()
            .resideInAPackage("cloud.lvs.backup.core.*..")
            .and(MAIN)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("cloud.lvs.backup.core");

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
