package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestRunContext.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void readsWhatHasItsLengthToTheEnd() throws Exception {
        TestRunContext run = new TestRunContext();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean[] ended = new boolean[1];
        InputStream in = new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int read = super.read(into, offset, length);
                ended[0] |= read < 0;
                return read;
            }
        };

        assertThat(StreamCopy.copyExpected(in, out, "shop", bytes.length, run)).isEqualTo(bytes.length);

        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(ended[0]).as("a digest is compared where a stream ends").isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 128 << 10, 299_999})
    void copiesOneByteOfWhatIsMoreThanExpected(int expected) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        long copied =
                StreamCopy.copyExpected(new ByteArrayInputStream(bytes), out, "shop", expected, new TestRunContext());

        assertThat(copied).isEqualTo(expected + 1).isEqualTo(out.size());
    }

    @Test
    void tellsThatThereWasLessThanExpected() throws Exception {
        assertThat(StreamCopy.copyExpected(
                        new ByteArrayInputStream(bytes),
                        OutputStream.nullOutputStream(),
                        "shop",
                        bytes.length + 5,
                        new TestRunContext()))
                .isEqualTo(bytes.length);
    }
}
