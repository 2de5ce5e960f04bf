package cloud.lvs.backup.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.catalog.HostProcess.Life;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobLockTest {
    private static final Duration TTL = Duration.ofMinutes(10);
    private static final String JOB = "notes";

    private final TestClock clock = TestClock.at("2026-11-22T03:00:00Z");
    private final InMemorySink sink = new InMemorySink(clock);

    @Test
    void takesTheLockOfADeadProcessOfThisHostAtOnce() throws Exception {
        take("node-1/4711", killedProcess());

        assertThat(JobLock.holder(sink, JOB, clock, TTL))
                .hasValueSatisfying(holder -> assertThat(holder.life()).isEqualTo(Life.DEAD));
        assertThat(take("node-1/4712", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void takesANumberThatWasGivenToAnotherProcessForADeadOne() throws Exception {
        HostProcess self = HostProcess.current();
        take(
                "earlier",
                new HostProcess(self.host(), self.bootId(), self.pidNamespace(), self.pid(), self.startTicks() - 1));

        assertThat(take("later", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void waitsForALivingProcessOfThisHost() throws Exception {
        take("node-1/4711", HostProcess.current());

        BackupException refused = refusal();
        assertThat(refused.remedy()).isEqualTo("wait for its end: that process is running on this host");
    }

    @Test
    void cannotTellOfAnotherHostBootOrContainerAndSaysFromWhenOnTheLockIsFree() throws Exception {
        HostProcess dead = killedProcess();
        for (HostProcess elsewhere : List.of(
                new HostProcess("other", dead.bootId(), dead.pidNamespace(), dead.pid(), dead.startTicks()),
                new HostProcess(dead.host(), "other", dead.pidNamespace(), dead.pid(), dead.startTicks()),
                new HostProcess(dead.host(), dead.bootId(), "pid:[1]", dead.pid(), dead.startTicks()),
                new HostProcess(dead.host(), "", "", dead.pid(), dead.startTicks()))) {
            JobLock lock = ((JobLock.Attempt.Taken) take("node-1/4711", elsewhere)).lock();

            BackupException refused = refusal();

            assertThat(refused.kind()).isEqualTo(Kind.LOCKED);
            assertThat(refused.problem()).startsWith("is locked by node-1/4711 since " + clock.instant());
            assertThat(refused.remedy())
                    .isEqualTo("wait for its end; if it is dead, the lock may be taken from "
                            + clock.instant().plus(TTL) + " on, or freed by 'unlock'");
            lock.release();
        }
    }

    @Test
    void keepsSinceWhenTheLockIsHeldThroughHeartbeats() throws Exception {
        JobLock lock = ((JobLock.Attempt.Taken) take("node-1/4711", null)).lock();
        var began = clock.instant();
        clock.advance(Duration.ofMinutes(3));
        lock.heartbeat();

        assertThat(JobLock.holder(sink, JOB, clock, TTL)).hasValueSatisfying(holder -> {
            assertThat(holder.since()).isEqualTo(began);
            assertThat(holder.lastSign()).isEqualTo(clock.instant());
            assertThat(holder.freeAt()).isEqualTo(clock.instant().plus(TTL));
        });
    }

    @Test
    void readsTheLocksOfEarlierVersions() throws Exception {
        put("000000000004", """
                {"owner": "old/1", "token": "t", "state": "HELD", "at": "2026-11-22T02:59:00Z",
                 "expiresAt": "2026-11-22T03:09:00Z"}
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(refusal().problem())
                .isEqualTo("is locked by old/1 since 2026-11-22T02:59:00Z, last sign of life 2026-11-22T02:59:00Z");
        clock.advance(Duration.ofMinutes(9));
        assertThat(take("new", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void aDamagedLockIsHeldUntilItsTimeToLiveHasPassed() throws Exception {
        put("000000000004", new byte[0]);

        BackupException refused = refusal();
        assertThat(refused.kind()).isEqualTo(Kind.LOCKED);
        assertThat(refused.problem())
                .isEqualTo("is locked, by whom cannot be read: its lock of 2026-11-22T03:00:00Z is damaged");
        assertThat(refused.remedy()).contains("from 2026-11-22T03:10:00Z on");

        clock.advance(TTL);
        JobLock lock = ((JobLock.Attempt.Taken) take("new", null)).lock();
        assertThat(sink.keys()).containsExactly(".lvs-backup/notes/lock/000000000005.json");
        lock.release();
    }

    @Test
    void noCutAndNoFlippedByteBlocksForGood() throws Exception {
        take("node-1/4711", HostProcess.of(1));
        byte[] whole = sink.bytes(".lvs-backup/notes/lock/000000000001.json").orElseThrow();
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 1;
            endsByItself(flipped);
            endsByItself(Arrays.copyOf(whole, at));
        }
    }

    private void endsByItself(byte[] content) throws IOException, InterruptedException {
        put("000000000001", content);
        try {
            ((JobLock.Attempt.Taken) take("early", null)).lock().release();
        } catch (BackupException e) {
            assertThat(e.kind()).isEqualTo(Kind.LOCKED);
            clock.advance(Duration.ofDays(1));
            ((JobLock.Attempt.Taken) take("late", null)).lock().release();
        }
    }

    @Test
    void aDamagedLockThatTheStoreDatesInTheFutureBlocksNobody() throws Exception {
        clock.advance(Duration.ofDays(365));
        put("000000000004", new byte[] {1, 2, 3});
        clock.advance(Duration.ofDays(-365));

        assertThat(take("new", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void goesOnBeyondTheHighestNumberOfTwelveDigits() throws Exception {
        put("999999999999", new byte[] {1});
        clock.advance(TTL);

        JobLock lock = ((JobLock.Attempt.Taken) take("new", null)).lock();
        assertThat(refusal().kind()).isEqualTo(Kind.LOCKED);
        lock.heartbeat();
        lock.check();
        lock.release();
        assertThat(take("next", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void whoeverFindsADamagedHigherNumberHasLostTheLock() throws Exception {
        JobLock lock = ((JobLock.Attempt.Taken) take("node-1/4711", null)).lock();
        put("000000000002", new byte[] {1});

        lock.heartbeat();

        assertThatThrownBy(lock::check).hasMessageContaining("another run took the lock over");
    }

    @Test
    void freesTheLockOfTheDead() throws Exception {
        take("node-1/4711", killedProcess());

        assertThat(free())
                .hasValueSatisfying(holder -> assertThat(holder.owner()).isEqualTo("node-1/4711"));
        assertThat(JobLock.holder(sink, JOB, clock, TTL)).isEmpty();
        assertThat(free()).isEmpty();
    }

    @Test
    void freesALockWhoseHolderHasBeenSilentForHalfItsTimeToLive() throws Exception {
        take("far/1", null);
        assertThatThrownBy(this::free)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCKED));

        clock.advance(TTL.dividedBy(2));

        assertThat(free()).isPresent();
        assertThat(take("new", null)).isInstanceOf(JobLock.Attempt.Taken.class);
    }

    @Test
    void neverFreesTheLockOfALivingProcessOfThisHost() throws Exception {
        take("here", HostProcess.current());
        clock.advance(TTL.multipliedBy(2));

        assertThatThrownBy(this::free).hasMessageContaining("is locked by here");
    }

    private Optional<LockHolder> free() throws IOException, InterruptedException {
        return JobLock.free(sink, JOB, new LockOwner("operator", "free", null), clock, TTL);
    }

    private JobLock.Attempt take(String name, @Nullable HostProcess process) throws IOException, InterruptedException {
        return JobLock.take(sink, JOB, new LockOwner(name, name, process), clock, TTL);
    }

    private BackupException refusal() {
        return catchThrowableOfType(BackupException.class, () -> take("second", null));
    }

    private void put(String number, byte[] content) {
        sink.keys().forEach(sink::removeForeign);
        sink.putForeign(".lvs-backup/notes/lock/" + number + ".json", content);
    }

    private static HostProcess killedProcess() throws IOException, InterruptedException {
        Process child = new ProcessBuilder("sleep", "600").start();
        HostProcess process = HostProcess.of(child.pid());
        assertThat(process.life()).isEqualTo(Life.ALIVE);
        child.destroyForcibly().waitFor();
        return process;
    }
}
