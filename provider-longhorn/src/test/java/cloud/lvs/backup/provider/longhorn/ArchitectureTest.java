package cloud.lvs.backup.provider.longhorn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The room of this module and who uses it (docs/architecture.md). */
@AnalyzeClasses(packages = "cloud.lvs.backup.provider.longhorn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String FACE = "cloud.lvs.backup.provider.longhorn";

    @ArchTest
    static final ArchRule THE_BACKUP_TARGET_KNOWS_NOTHING_OF_THE_SOURCE = noClasses()
            .that()
            .resideInAPackage(FACE + ".bucket..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(FACE);
}
