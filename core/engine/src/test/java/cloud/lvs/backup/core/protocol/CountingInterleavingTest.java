package cloud.lvs.backup.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.protocol.Actor.Role;
import cloud.lvs.backup.core.protocol.BlindSink.Blindness;
import cloud.lvs.backup.core.protocol.Explorer.Scenario;
import cloud.lvs.backup.core.protocol.Explorer.Size;
import cloud.lvs.backup.core.protocol.Explorer.Summary;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.core.protocol.Replay.Mishaps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Backups that exist by their names and do not count, alone and together, before and in the middle of everything: none that
 * counts is lost for them.
 */
@Tag("today")
class CountingInterleavingTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final long MOST = Long.getLong("lvs.test.replays", FULL ? 3_000 : 25);

    private static final Role RUN = new Role("run", Roles.RUN);
    private static final Role PRUNE = new Role("prune", Roles.PRUNE);
    private static final Role PRUNE_2 = new Role("prune 2", Roles.PRUNE);
    private static final Mishaps CRASH =
            new Mishaps(EnumSet.of(Verdict.CRASHES_BEFORE, Verdict.CRASHES_AFTER), 1, List.of());
    private static final Mishaps FAILURE = new Mishaps(EnumSet.of(Verdict.FAILS, Verdict.LOSES_REPLY), 1, List.of());
    private static final Mishaps REFUSAL =
            new Mishaps(EnumSet.of(Verdict.IS_REFUSED, Verdict.IS_REFUSED_IN_PART), 1, List.of());

    /** Two that count, and two newer ones that do not, where two are to be kept. */
    private static World world(Ruin older, Ruin newer) {
        return sound().withRuined(3, older).withRuined(2, newer);
    }

    private static World sound() {
        return World.of(
                        Set.of(World.MAIN),
                        Set.of(TinySource.Trait.TWO_ARTIFACTS),
                        InMemorySink.Trait.NO_CONDITIONAL_CREATE)
                .keeping(2)
                .withBackup(5)
                .withBackup(4);
    }

    private static Stream<World> worlds(List<String> names) {
        return Arrays.stream(Ruin.values())
                .flatMap(older -> Arrays.stream(Ruin.values()).map(newer -> {
                    names.add(older + " and " + newer);
                    return world(older, newer);
                }));
    }

    private static Stream<DynamicTest> explored(Mishaps mishaps, Role... roles) {
        List<String> names = new ArrayList<>();
        List<World> worlds = worlds(names).toList();
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < worlds.size(); i++) {
            World prototype = worlds.get(i);
            String name = names.get(i);
            tests.add(DynamicTest.dynamicTest(
                    name,
                    () -> assertThat(explore(name, prototype, mishaps, roles).ends())
                            .isPositive()));
        }
        return tests.stream();
    }

    private static Summary explore(String name, World prototype, Mishaps mishaps, Role... roles) {
        return new Explorer(new Scenario(name, Size.LARGE, prototype::copy, List.of(roles)), mishaps).explore(MOST);
    }

    @TestFactory
    Stream<DynamicTest> aPruneThatCrashesAnywhere() {
        return explored(CRASH, PRUNE);
    }

    @TestFactory
    Stream<DynamicTest> aRunThatCrashesAnywhere() {
        return explored(CRASH, RUN);
    }

    @TestFactory
    Stream<DynamicTest> aRunWhoseRequestsFail() {
        return explored(FAILURE, RUN);
    }

    @TestFactory
    Stream<DynamicTest> aRunWhoseDeletionsAreRefused() {
        return explored(REFUSAL, RUN);
    }

    @TestFactory
    Stream<DynamicTest> runAgainstPrune() {
        return explored(Mishaps.NONE, RUN, PRUNE);
    }

    @TestFactory
    Stream<DynamicTest> pruneAgainstPrune() {
        return explored(Mishaps.NONE, PRUNE, PRUNE_2);
    }

    /** The store ruins the newest backup, or the one before, at any moment of a prune or a run. */
    @TestFactory
    Stream<DynamicTest> aStoreThatRuinsABackupAtAnyMoment() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Ruin ruin : EnumSet.of(Ruin.DAMAGED, Ruin.HOLLOW)) {
            for (int which : List.of(0, 1)) {
                for (Role other : List.of(PRUNE, RUN)) {
                    String name = ruin + " number " + which + " × " + other.name();
                    World prototype = sound().withBackup(3).withBackup(2);
                    Role store = new Role("store", Roles.ruining(which, ruin));
                    tests.add(DynamicTest.dynamicTest(
                            name,
                            () -> assertThat(explore(name, prototype, CRASH, other, store)
                                            .ends())
                                    .isPositive()));
                }
            }
        }
        return tests.stream();
    }

    /** An engine that did not look would lose backups, and the exploration would say so. */
    @ParameterizedTest(name = "ignores {0}: {1}")
    @CsvSource({
        "MANIFEST, DAMAGED",
        "PAYLOAD, HOLLOW",
        "CLOCK, DATED_AHEAD",
    })
    void findsAnEngineThatIgnores(Blindness blindness, Ruin ruin) {
        World prototype = world(ruin, ruin).seenBy(EnumSet.of(blindness));

        assertThatThrownBy(() -> explore("ignores " + blindness, prototype, Mishaps.NONE, PRUNE))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("breaks the rules");
    }

    @ParameterizedTest(name = "trusts the names: {0} and {1}")
    @CsvSource({"DAMAGED, HOLLOW", "HOLLOW, DAMAGED"})
    void findsAnEngineThatTrustsTheNames(Ruin older, Ruin newer) {
        World prototype = world(older, newer).seenBy(EnumSet.of(Blindness.MANIFEST, Blindness.PAYLOAD));

        assertThatThrownBy(() -> explore("trusts the names", prototype, Mishaps.NONE, RUN))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("breaks the rules");
    }
}
