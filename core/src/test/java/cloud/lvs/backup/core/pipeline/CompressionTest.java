package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CompressionTest {
    @Test
    void defaultsToZstdAtLevel3WithABoundedNumberOfWorkers() {
        assertThat(Compression.DEFAULT).isEqualTo(new Compression.Zstd(3));
        assertThat(new Compression.Zstd().workers()).isBetween(1, 4);
        assertThat(new Compression.Gzip()).isEqualTo(new Compression.Gzip(6));
        assertThat(new Compression.Gzip().workers()).isBetween(1, 4);
    }

    @Test
    void namesTheKeyAndTheRangeOfWhatIsOutOfIt() {
        assertRefused(() -> new Compression.Zstd(0), "compression.level must be 1 to 19, was 0");
        assertRefused(() -> new Compression.Zstd(20), "compression.level must be 1 to 19, was 20");
        assertRefused(() -> new Compression.Zstd(3, 0, null), "compression.workers must be 1 to 64, was 0");
        assertRefused(() -> new Compression.Zstd(3, 1, 19), "compression.longWindow must be 20 to 27, was 19");
        assertRefused(() -> new Compression.Zstd(3, 1, 28), "compression.longWindow must be 20 to 27, was 28");
        assertRefused(() -> new Compression.Gzip(0), "compression.level must be 1 to 9, was 0");
        assertRefused(() -> new Compression.Gzip(10), "compression.level must be 1 to 9, was 10");
        assertRefused(() -> new Compression.Gzip(6, 65), "compression.workers must be 1 to 64, was 65");
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
