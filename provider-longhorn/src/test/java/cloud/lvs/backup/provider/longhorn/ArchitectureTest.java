package cloud.lvs.backup.provider.longhorn;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** The rooms of this module and which may use which (docs/architecture.md). */
@AnalyzeClasses(packages = "cloud.lvs.backup.provider.longhorn", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String FACE = "cloud.lvs.backup.provider.longhorn";

    /** None of these uses another one. */
    private static final List<String> WORK = List.of("backup", "restore", "audit");

    /** They know neither the work nor one another, nor the face. */
    private static final List<String> GROUND = List.of("bucket", "cluster");

    private static String[] rooms(Stream<String> names) {
        return names.map(name -> FACE + "." + name + "..").toArray(String[]::new);
    }

    @ArchTest
    static final ArchRule EVERY_PACKAGE_HAS_ITS_PLACE = classes()
            .should()
            .resideInAnyPackage(Stream.concat(
                            Stream.of(FACE), Stream.of(rooms(Stream.concat(WORK.stream(), GROUND.stream()))))
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule WHAT_LIES_BELOW_KNOWS_NOTHING_OF_THE_WORK = noClasses()
            .that()
            .resideInAnyPackage(rooms(GROUND.stream()))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(Stream.concat(Stream.of(FACE), Stream.of(rooms(WORK.stream())))
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule ROOMS_FORM_NO_CIRCLE =
            slices().matching(FACE + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule BUCKET_AND_CLUSTER_DO_NOT_MEET =
            slices().matching(FACE + ".(bucket|cluster)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule ONLY_ONE_ROOM_KNOWS_KUBERNETES = noClasses()
            .that()
            .resideOutsideOfPackage(FACE + ".cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8..");

    @ArchTest
    static final ArchRule OF_THE_FACE_THE_WORK_USES_RECORDS_AND_ENUMS_ALONE = noClasses()
            .that()
            .resideInAnyPackage(rooms(WORK.stream()))
            .should()
            .dependOnClassesThat(resideInAPackage(FACE).and(describe("are behaviour", ArchitectureTest::isBehaviour)));

    private static boolean isBehaviour(JavaClass type) {
        return !type.isRecord() && !type.isEnum();
    }
}
