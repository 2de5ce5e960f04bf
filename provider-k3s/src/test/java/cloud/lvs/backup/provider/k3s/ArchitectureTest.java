package cloud.lvs.backup.provider.k3s;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms of this module and the order in which they use each other (docs/architecture.md). */
@AnalyzeClasses(packages = "cloud.lvs.backup.provider.k3s", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String FACE = "cloud.lvs.backup.provider.k3s";

    @ArchTest
    static final ArchRule ROOMS_USE_ONLY_LATER_ONES = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("restore")
            .definedBy(FACE + ".restore")
            .layer("objects")
            .definedBy(FACE + ".objects")
            .layer("capture")
            .definedBy(FACE + ".capture")
            .layer("backup")
            .definedBy(FACE + ".backup")
            .layer("decoding")
            .definedBy(FACE + ".decoding")
            .layer("secrets")
            .definedBy(FACE + ".secrets")
            .layer("datastore")
            .definedBy(FACE + ".datastore")
            .layer("files")
            .definedBy(FACE + ".files")
            .whereLayer("restore")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("objects")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("capture")
            .mayOnlyBeAccessedByLayers("restore")
            .whereLayer("backup")
            .mayOnlyBeAccessedByLayers("restore", "objects", "capture")
            .whereLayer("decoding")
            .mayOnlyBeAccessedByLayers("objects")
            .whereLayer("secrets")
            .mayOnlyBeAccessedByLayers("restore", "objects", "capture", "backup", "decoding")
            .whereLayer("datastore")
            .mayOnlyBeAccessedByLayers("restore", "objects", "capture", "backup", "decoding", "secrets")
            .whereLayer("files")
            .mayOnlyBeAccessedByLayers("restore", "objects", "capture", "backup", "decoding", "secrets", "datastore");

    @ArchTest
    static final ArchRule ROOMS_FORM_NO_CIRCLE =
            slices().matching(FACE + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ROOMS_USE_OF_THE_FACE_ITS_RECORDS_AND_ENUMS = noClasses()
            .that()
            .resideInAPackage(FACE + ".*..")
            .should()
            .dependOnClassesThat(describe(
                    "are of the face and no records or enums",
                    (JavaClass type) -> type.getPackageName().equals(FACE) && !type.isRecord() && !type.isEnum()));
}
