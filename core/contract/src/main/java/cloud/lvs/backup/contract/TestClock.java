package cloud.lvs.backup.contract;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** A clock in UTC that stands still until it is told otherwise. Thread-safe. */
public final class TestClock extends Clock {
    private Instant now;

    public TestClock(Instant now) {
        this.now = now;
    }

    /** Stands at an ISO instant, e.g. {@code 2026-11-22T03:00:00Z}. */
    public static TestClock at(String instant) {
        return new TestClock(Instant.parse(instant));
    }

    /** Stands at {@link TestTime#now()}. */
    public static TestClock today() {
        return new TestClock(TestTime.now());
    }

    /** Stands at the machine's time, for a test with files or a server whose time it cannot set. */
    public static TestClock machine() {
        return new TestClock(TestTime.machine().instant().truncatedTo(ChronoUnit.SECONDS));
    }

    public synchronized void advance(Duration by) {
        now = now.plus(by);
    }

    public synchronized void set(Instant instant) {
        now = instant;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return zone.equals(ZoneOffset.UTC) ? this : Clock.fixed(instant(), zone);
    }
}
