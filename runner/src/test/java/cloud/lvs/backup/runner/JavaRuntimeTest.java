package cloud.lvs.backup.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;

class JavaRuntimeTest {
    @Test
    void isInUtcWhateverTheZoneOfTheMachine() {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("IST"));

            JavaRuntime.prepare();

            assertThat(TimeZone.getDefault().getID()).isEqualTo("UTC");
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void saysWhichVariableMakesArgumentsReadable() {
        assertThat(JavaRuntime.complaint(List.of("--item", "\uFFFD\uFFFDn"), StandardCharsets.US_ASCII))
                .hasValue("argument '??n' holds characters that are none in the locale of this process (start Java with"
                        + " LC_ALL=C.UTF-8)");
    }

    @Test
    void takesWhatItCanRead() {
        assertThat(JavaRuntime.complaint(List.of("--item", "n"), StandardCharsets.US_ASCII))
                .isEmpty();
        assertThat(JavaRuntime.complaint(List.of("--item", "ünï"), StandardCharsets.UTF_8))
                .isEmpty();
    }
}
