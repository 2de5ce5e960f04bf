package cloud.lvs.backup.sink.s3.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreRetryStrategyTest {
    /** Pauses before jitter: 0.5, 1, 2, 4, 8, 16, then 20 seconds each. */
    @ParameterizedTest
    @CsvSource({"PT0.1S, 2", "PT1S, 3", "PT30S, 7", "PT3M, 15"})
    void repeatsAsOftenAsPausesFitIn(Duration patience, int attempts) {
        assertThat(StoreRetryStrategy.attemptsWithin(patience)).isEqualTo(attempts);
    }

    @ParameterizedTest
    @CsvSource({"PT0.1S, PT0.1S", "PT1S, PT0.5S", "PT3M, PT0.5S"})
    void pausesNoLongerThanItIsPatient(Duration patience, Duration first) {
        assertThat(StoreRetryStrategy.firstPause(patience)).isEqualTo(first);
    }
}
