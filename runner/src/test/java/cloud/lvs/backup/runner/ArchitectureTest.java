package cloud.lvs.backup.runner;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms of this module and the order in which they use each other (docs/architecture.md). */
@AnalyzeClasses(packages = "cloud.lvs.backup.runner", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String RUNNER = "cloud.lvs.backup.runner";
    private static final String CLI = RUNNER + ".cli";
    private static final String CONFIG = RUNNER + ".config";

    @ArchTest
    static final ArchRule PARTS_USE_ONLY_LATER_ONES = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy(CLI + "..")
            .layer("wiring")
            .definedBy(RUNNER + ".wiring..")
            .layer("config")
            .definedBy(CONFIG + "..")
            .layer("plugin")
            .definedBy(RUNNER + ".plugin..")
            .layer("output, metrics, shell")
            .definedBy(RUNNER + ".output..", RUNNER + ".metrics..", RUNNER + ".shell..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("wiring")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("cli", "wiring")
            .whereLayer("plugin")
            .mayOnlyBeAccessedByLayers("cli", "wiring", "config")
            .whereLayer("output, metrics, shell")
            .mayOnlyBeAccessedByLayers("cli", "wiring", "config");

    @ArchTest
    static final ArchRule PARTS_FORM_NO_CIRCLE =
            slices().matching(RUNNER + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ROOMS_OF_THE_COMMAND_LINE_USE_ONLY_LATER_ONES = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("command")
            .definedBy(CLI + ".command")
            .layer("text")
            .definedBy(CLI + ".text")
            .layer("session")
            .definedBy(CLI + ".session")
            .whereLayer("command")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("text")
            .mayOnlyBeAccessedByLayers("command")
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("command", "text");

    @ArchTest
    static final ArchRule WHAT_IS_WRITTEN_KNOWS_NOTHING_OF_BINDING = noClasses()
            .that()
            .resideInAPackage(CONFIG + ".yaml")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CONFIG, CONFIG + ".binding");

    @ArchTest
    static final ArchRule ROOMS_OF_THE_COMMAND_LINE_USE_OF_THE_FACE_ITS_VALUES =
            noClasses().that().resideInAPackage(CLI + ".*..").should().dependOnClassesThat(areNoValuesOf(CLI));

    @ArchTest
    static final ArchRule ROOMS_OF_THE_CONFIGURATION_USE_OF_THE_FACE_ITS_VALUES =
            noClasses().that().resideInAPackage(CONFIG + ".*..").should().dependOnClassesThat(areNoValuesOf(CONFIG));

    private static DescribedPredicate<JavaClass> areNoValuesOf(String face) {
        return describe(
                "are in " + face + " and no records, enums or interfaces over records",
                type -> type.getPackageName().equals(face)
                        && !type.isRecord()
                        && !type.isEnum()
                        && !type.isInterface());
    }
}
