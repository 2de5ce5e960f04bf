package cloud.lvs.backup.contract;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * The time of a test that is about today. It is the machine's, unless the system property {@code lvs.test.now} puts the tests
 * on another day: an instant ({@code 2028-02-29T12:00:00Z}), or how far ahead ({@code P1M}). The machine's clock is read here
 * and nowhere else in tests.
 */
public final class TestTime {
    private static final Clock MACHINE = Clock.systemUTC();
    private static final Clock CLOCK = Clock.offset(MACHINE, ahead(System.getProperty("lvs.test.now", "P0D")));

    private TestTime() {}

    /** In whole seconds, as the journal keeps it. */
    public static Instant now() {
        return CLOCK.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** A clock that shows it, and goes on. */
    public static Clock clock() {
        return CLOCK;
    }

    /**
     * The machine's own clock, whatever day the tests are put on: for what meets a time that a test cannot set, such as a
     * file's in a file system, a server's, or a certificate's.
     */
    public static Clock machine() {
        return MACHINE;
    }

    private static Duration ahead(String day) {
        Instant now = MACHINE.instant();
        Instant then = day.startsWith("P")
                ? now.atOffset(ZoneOffset.UTC).plus(Period.parse(day)).toInstant()
                : Instant.parse(day);
        return Duration.between(now, then);
    }
}
