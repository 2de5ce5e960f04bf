package cloud.lvs.backup.toolkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** A plugin bundles the toolkit: whatever it needed besides the SPI, the plugin would need too. */
@AnalyzeClasses(packages = "cloud.lvs.backup.toolkit", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule KNOWS_THE_SPI_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "cloud.lvs.backup.spi..", "cloud.lvs.backup.toolkit..", "org.jspecify..");
}
