package cloud.lvs.backup.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.catalog.JobLock;
import cloud.lvs.backup.core.catalog.JobLock.Attempt;
import cloud.lvs.backup.core.catalog.LockOwner;
import cloud.lvs.backup.core.protocol.Actor.Role;
import cloud.lvs.backup.core.protocol.Actor.Work;
import cloud.lvs.backup.core.protocol.Claim.Ending;
import cloud.lvs.backup.core.protocol.Claim.Way;
import cloud.lvs.backup.core.protocol.Explorer.Scenario;
import cloud.lvs.backup.core.protocol.Explorer.Size;
import cloud.lvs.backup.core.protocol.Explorer.Summary;
import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.core.protocol.Replay.Mishaps;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The lock of a job, operation by operation: whatever happens, no two processes hold it at once. */
@Tag("today")
class LockInterleavingTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final long MOST = Long.getLong("lvs.test.replays", FULL ? 30_000 : 400);

    private static final Role FIRST = new Role("first", working());
    private static final Role SECOND = new Role("second", working());
    private static final Role THIRD = new Role("third", working());

    /** Takes the lock, works through one heartbeat and gives it back. */
    private static Work working() {
        return (world, self) -> {
            Attempt attempt = JobLock.take(
                    world.sink(World.MAIN, self).sink(),
                    World.JOB,
                    new LockOwner(self.name(), self.name(), null),
                    world.clock(),
                    World.LOCK_TTL);
            JobLock lock = ((Attempt.Taken) attempt).lock();
            world.holders().add(self.name());
            try {
                work(world, self);
                world.holders().remove(self.name());
                lock.heartbeat();
                lock.check();
                world.holders().add(self.name());
                work(world, self);
            } finally {
                world.holders().remove(self.name());
                lock.release();
            }
            return new Ending(Way.DONE, "worked", List.of());
        };
    }

    private static void work(World world, Actor self) throws IOException, InterruptedException {
        if (world.holders().size() > 1) {
            world.breaches().add(self.name() + " works together with another: " + world.holders());
        }
        if (self.enter(new Operation(Effect.PAUSES, "work")) != Verdict.PROCEEDS) {
            throw new IOException("did not work");
        }
    }

    private static World fresh() {
        return World.of(Set.of(World.MAIN), Set.of()).copy();
    }

    /** Someone died with the lock, and it has expired. */
    private static World expired() {
        World world = fresh();
        world.clock().set(World.NOW.minus(World.LOCK_TTL.multipliedBy(2)));
        try {
            JobLock.take(
                    world.sink(World.MAIN, Gate.OPEN).sink(),
                    World.JOB,
                    new LockOwner("dead", "dead", null),
                    world.clock(),
                    World.LOCK_TTL);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return world;
    }

    private static Stream<Scenario> scenarios() {
        World free = fresh();
        World expired = expired();
        return Stream.of(
                scenario("two on a free lock", free::copy, FIRST, SECOND),
                scenario("two waiters on an expired lock", expired::copy, FIRST, SECOND),
                scenario("three waiters on an expired lock", expired::copy, FIRST, SECOND, THIRD),
                scenario(
                        "two runs on an expired lock",
                        expired::copy,
                        new Role("run", Roles.RUN),
                        new Role("run 2", Roles.RUN)));
    }

    private static Scenario scenario(String name, Supplier<World> world, Role... roles) {
        return new Scenario(name, Size.SMALL, world, List.of(roles));
    }

    @TestFactory
    Stream<DynamicTest> noTwoHoldItInAnyOrder() {
        return explored(Mishaps.NONE);
    }

    @TestFactory
    Stream<DynamicTest> aCrashAtAnyPoint() {
        return explored(new Mishaps(EnumSet.of(Verdict.CRASHES_BEFORE, Verdict.CRASHES_AFTER), 1, List.of()));
    }

    @TestFactory
    Stream<DynamicTest> aRefusedDeletionAFailureOrALostReplyAtAnyPoint() {
        return explored(new Mishaps(
                EnumSet.of(Verdict.FAILS, Verdict.LOSES_REPLY, Verdict.IS_REFUSED, Verdict.IS_REFUSED_IN_PART),
                1,
                List.of()));
    }

    private static Stream<DynamicTest> explored(Mishaps mishaps) {
        return scenarios()
                .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> {
                    Summary summary = new Explorer(scenario, mishaps).explore(MOST);
                    if (FULL) {
                        System.out.println(summary);
                    }
                    assertThat(summary.ends()).isPositive();
                }));
    }
}
