package cloud.lvs.backup.provider.postgres;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** Which package of this module may use which (docs/architecture.md, "PostgreSQL"). */
@AnalyzeClasses(packages = "cloud.lvs.backup.provider.postgres", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String API = "cloud.lvs.backup.provider.postgres";

    /** Each may use those behind it. */
    private static final List<String> ORDER = List.of("restore", "load", "capture", "dump", "program", "server");

    @ArchTest
    static void eachPackageUsesOnlyThoseBehindIt(JavaClasses classes) {
        for (int i = 1; i < ORDER.size(); i++) {
            noClasses()
                    .that()
                    .resideInAPackage(API + "." + ORDER.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ORDER.subList(0, i).stream()
                            .map(each -> API + "." + each + "..")
                            .toArray(String[]::new))
                    .check(classes);
        }
    }

    @ArchTest
    static final ArchRule EVERY_PACKAGE_HAS_ITS_PLACE = classes()
            .should()
            .resideInAnyPackage(Stream.concat(Stream.of(API), ORDER.stream().map(each -> API + "." + each + ".."))
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching(API + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule OF_THE_API_THEY_USE_RECORDS_AND_ENUMS_ALONE = noClasses()
            .that()
            .resideInAPackage(API + ".*..")
            .should()
            .dependOnClassesThat(resideInAPackage(API).and(describe("are behaviour", ArchitectureTest::isBehaviour)));

    private static boolean isBehaviour(JavaClass type) {
        return !type.isRecord() && !type.isEnum();
    }
}
