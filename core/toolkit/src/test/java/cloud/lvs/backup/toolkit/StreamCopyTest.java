package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestRunContext.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamCopyTest {
    private final byte[] bytes = new byte[300_000];

    StreamCopyTest() {
        new Random(1).nextBytes(bytes);
    }

    @Test
    void copiesEveryByteAndTellsHowFarItIs() throws Exception {
        TestRunContext run = new TestRunContext();
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        long copied = StreamCopy.copy(new ByteArrayInputStream(bytes), out, "shop", bytes.length, run);

        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(copied).isEqualTo(bytes.length);
        assertThat(run.progress())
                .hasSizeGreaterThan(1)
                .allMatch(told -> told.item().equals("shop"));
        assertThat(run.progress()).last().isEqualTo(new Progress("shop", bytes.length, bytes.length));
    }

    @Test
    void stopsWhenItIsAskedTo() {
        TestRunContext run = new TestRunContext();
        run.cancel();

        assertThatThrownBy(() -> StreamCopy.copy(
                        new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), "shop", 0, run))
                .isInstanceOf(InterruptedException.class);
    }
}
