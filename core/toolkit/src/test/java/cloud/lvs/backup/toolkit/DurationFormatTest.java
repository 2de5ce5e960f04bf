package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationFormatTest {
    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT30M, 30m", "PT1H30M, 1h30m", "P2D, 48h", "PT1.5S, 1.5s"})
    void aDurationIsToldInHoursMinutesAndSeconds(Duration duration, String text) {
        assertThat(DurationFormat.text(duration)).isEqualTo(text);
    }
}
