package cloud.lvs.backup.core.protocol;

import static cloud.lvs.backup.core.protocol.Actor.Permission.MAY_NOT_DELETE;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.protocol.Actor.Role;
import cloud.lvs.backup.core.protocol.Explorer.Scenario;
import cloud.lvs.backup.core.protocol.Explorer.Size;
import cloud.lvs.backup.core.protocol.Explorer.Summary;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.core.protocol.Replay.Mishaps;
import cloud.lvs.backup.core.protocol.Replay.Requests;
import cloud.lvs.backup.core.protocol.TinySource.Trait;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The verbs of the engine against each other, operation by operation. No lock keeps them apart: the store of these worlds
 * cannot lock, and safety never rests on the lock.
 *
 * <p>With {@code lvs.test.extent=full} small scenarios are explored to their end and large ones far; otherwise the cheapest
 * part of each, and random walks beyond. A walk is had again by {@code -Dlvs.test.seed}, any replay by the choices a failure
 * prints ({@link Explorer#again}).
 */
@Tag("today")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterleavingTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final long MOST = Long.getLong("lvs.test.replays", FULL ? 30_000 : 250);
    /** Above what the largest of the small scenarios takes, some 122,000. */
    private static final long TO_THE_END = 200_000;

    private static final int WALKS = FULL ? 5_000 : 30;

    private static final Set<Verdict> CRASHES = EnumSet.of(Verdict.CRASHES_BEFORE, Verdict.CRASHES_AFTER);
    private static final Set<Verdict> REFUSALS = EnumSet.of(Verdict.IS_REFUSED, Verdict.IS_REFUSED_IN_PART);
    private static final Set<Verdict> FAILURES = EnumSet.of(Verdict.FAILS, Verdict.LOSES_REPLY);
    private static final Set<Verdict> ANYTHING = EnumSet.complementOf(EnumSet.of(Verdict.PROCEEDS));

    private static final Role RUN = new Role("run", Roles.RUN);
    private static final Role RUN_2 = new Role("run 2", Roles.RUN);
    private static final Role PRUNE = new Role("prune", Roles.PRUNE);
    private static final Role PRUNE_2 = new Role("prune 2", Roles.PRUNE);
    private static final Role HOLD = new Role("hold", Roles.HOLD);
    private static final Role ADOPT = new Role("adopt", Roles.ADOPT);
    private static final Role ADOPT_2 = new Role("adopt 2", Roles.ADOPT);
    private static final Role COPY = new Role("copy", Roles.COPY);

    private final long seed = Long.getLong("lvs.test.seed", System.nanoTime());
    private long replays;
    private long ends;

    private static Stream<Scenario> scenarios() {
        return Stream.of(
                scenario("run × run in one second", world().withBackup(2), RUN, RUN_2),
                large("run × run, each keeping one", world().withBackup(2).keeping(1), RUN, RUN_2),
                large("run × sweep", world().withBackup(2).withDeadRun(4, 5), RUN, PRUNE),
                scenario("slow run × sweep", world(Trait.SLOW), RUN, PRUNE),
                scenario("slow run of external things × sweep", world(Trait.SLOW, Trait.EXTERNAL), RUN, PRUNE),
                scenario("hold × prune", world().withBackup(3).withBackup(2).keeping(1), HOLD, PRUNE),
                scenario("adopt × run", world(), ADOPT, RUN),
                scenario("adopt × adopt", world(), ADOPT, ADOPT_2),
                scenario("adopt × sweep", world(), ADOPT, PRUNE),
                scenario("copy × sweep", copying().withBackup(2), COPY, PRUNE),
                scenario(
                        "copy × prune of the origin",
                        copying(Trait.EXTERNAL).withBackup(3).withBackup(2).keeping(1),
                        COPY,
                        PRUNE),
                scenario("prune × prune", world().withBackup(3).withBackup(2).keeping(1), PRUNE, PRUNE_2),
                scenario("sweep × sweep", world(Trait.EXTERNAL).withBackup(2).withDeadRun(4, 5), PRUNE, PRUNE_2),
                large(
                        "run × prune that may not delete",
                        world().withBackup(3).withBackup(2).keeping(1),
                        RUN,
                        new Role("prune", MAY_NOT_DELETE, Roles.PRUNE)),
                scenario(
                        "run that may not delete × sweep",
                        world(Trait.SLOW).withBackup(3).keeping(1),
                        new Role("run", MAY_NOT_DELETE, Roles.RUN),
                        PRUNE));
    }

    private static World world(Trait... source) {
        return World.of(Set.of(World.MAIN), Set.of(source), InMemorySink.Trait.NO_CONDITIONAL_CREATE);
    }

    static World copying(Trait... source) {
        return World.of(Set.of(World.MAIN, World.COPIES), Set.of(source), InMemorySink.Trait.NO_CONDITIONAL_CREATE);
    }

    private static Scenario scenario(String name, World prototype, Role... roles) {
        return new Scenario(name, Size.SMALL, prototype::copy, List.of(roles));
    }

    private static Scenario large(String name, World prototype, Role... roles) {
        return new Scenario(name, Size.LARGE, prototype::copy, List.of(roles));
    }

    @TestFactory
    Stream<DynamicTest> everyOrderOfOperations() {
        return explored(Mishaps.NONE);
    }

    @TestFactory
    Stream<DynamicTest> aCrashAtAnyPoint() {
        return explored(new Mishaps(CRASHES, 1, List.of()));
    }

    @TestFactory
    Stream<DynamicTest> aFailureOrALostReplyAtAnyPoint() {
        return explored(new Mishaps(FAILURES, 1, List.of()));
    }

    @TestFactory
    Stream<DynamicTest> aRefusedDeletionAtAnyPoint() {
        return explored(new Mishaps(REFUSALS, 1, List.of()));
    }

    @TestFactory
    Stream<DynamicTest> timePassingAtAnyPoint() {
        return explored(new Mishaps(CRASHES, 1, Replay.STEPS));
    }

    @TestFactory
    Stream<DynamicTest> randomWalksWithAnything() {
        return scenarios()
                .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> {
                    Summary summary =
                            new Explorer(scenario, new Mishaps(ANYTHING, 3, Replay.STEPS)).wander(seed, WALKS);
                    count(summary);
                    assertThat(summary.ends()).isPositive();
                }));
    }

    private void count(Summary summary) {
        replays += summary.replays();
        ends += summary.ends();
        if (FULL) {
            System.out.println(summary);
        }
    }

    @AfterAll
    void tellCounts() {
        System.out.println("interleavings: " + replays + " replays, " + ends
                + " different ends; walks by -Dlvs.test.seed=" + seed);
    }

    /** What the bounds make unlikely is not left to them: a run that is swept while it lives fails, and leaves nothing. */
    @TestFactory
    Stream<DynamicTest> requestsThatTakeForEverAgainstASweep() {
        Mishaps mishaps = new Mishaps(CRASHES, 1, Replay.LEAP, Requests.UNBOUNDED);
        return explored(
                mishaps,
                MOST * 6,
                Stream.of(
                        scenario("run × sweep for ever", world(), RUN, PRUNE),
                        scenario("adopt × sweep for ever", world(), ADOPT, PRUNE),
                        scenario("copy × sweep for ever", copying().withBackup(2), COPY, PRUNE)));
    }

    private Stream<DynamicTest> explored(Mishaps mishaps) {
        return explored(mishaps, MOST, scenarios());
    }

    private Stream<DynamicTest> explored(Mishaps mishaps, long most, Stream<Scenario> scenarios) {
        return scenarios.map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> {
            boolean isExhaustive =
                    FULL && scenario.size() == Size.SMALL && mishaps.jumps().isEmpty();
            Summary summary = new Explorer(scenario, mishaps).explore(isExhaustive ? TO_THE_END : most);
            count(summary);
            assertThat(summary.good()).as("ends in which all went well").isPositive();
            if (isExhaustive) {
                assertThat(summary.runDry()).as(summary.toString()).isTrue();
            }
        }));
    }
}
