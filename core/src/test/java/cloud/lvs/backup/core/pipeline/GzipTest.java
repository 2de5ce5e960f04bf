package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {
    private static final List<String> GZIP = List.of("gzip");

    @TempDir
    Path directory;

    private final Pipeline pipeline = new Pipeline(new Compression.Gzip(6, 3));

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        assertThat(Thread.interrupted()).isFalse();
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (threads() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(threads()).isZero();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("lvs-backup-gzip"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 32767, 32769, 262143, 262144, 262145, 524288, 3_000_000})
    void writesOneMemberThatGzipAcceptsAndMeasures(int size) throws Exception {
        byte[] stored = Tools.encode(pipeline, Tools.text(size));

        assertThat(Tools.shell(directory, stored, "gzip -tv").exit()).isZero();
        // gzip -l reads the trailer of the last member only: the whole size proves that there is but one.
        assertThat(Tools.shell(directory, stored, "cat > one.gz && gzip -l one.gz | awk 'NR==2 {print $1, $2}'")
                        .text())
                .isEqualTo(stored.length + " " + size + "\n");
    }

    @Test
    void isTheSameWhateverTheNumberOfWorkers() throws Exception {
        byte[] plain = Tools.text(2_000_000);

        assertThat(Tools.encode(new Pipeline(new Compression.Gzip(6, 1)), plain))
                .isEqualTo(Tools.encode(new Pipeline(new Compression.Gzip(6, 5)), plain));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
    void comesCloseToOnePassAtEveryLevel(int level) throws Exception {
        byte[] plain = Tools.text(2_000_000);
        int onePass = Tools.shell(directory, plain, "gzip -" + level).successful().length;

        int parallel = Tools.encode(new Pipeline(new Compression.Gzip(level, 2)), plain).length;

        assertThat(parallel).isLessThan((int) (onePass * 1.01));
    }

    @Test
    void readsWhatGzipWrote() throws Exception {
        byte[] plain = Tools.text(1_000_000);
        byte[] named = Tools.shell(directory, plain, "cat > dump.sql && gzip -9 -N dump.sql && cat dump.sql.gz")
                .successful();

        assertThat(Tools.decode(pipeline, named, GZIP)).isEqualTo(plain);
    }

    @Test
    void readsMembersOneAfterTheOtherAsGunzipDoes() throws Exception {
        byte[] both = Tools.shell(
                        directory, new byte[0], "(seq 1 90000 | gzip; printf '' | gzip; seq 90001 100000 | gzip -1)")
                .successful();
        // Hands out few bytes at a time and has never anything "available".
        InputStream trickle = new FilterInputStream(new ByteArrayInputStream(both)) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return super.read(bytes, offset, Math.min(length, 13));
            }

            @Override
            public int available() {
                return 0;
            }
        };

        byte[] plain;
        try (InputStream in = pipeline.decode(trickle, GZIP)) {
            plain = in.readAllBytes();
        }

        assertThat(plain)
                .isEqualTo(Tools.shell(directory, new byte[0], "seq 1 100000").successful());
    }

    @Test
    void readsEveryHeaderField() throws Exception {
        byte[] plain = Tools.text(1000);
        byte[] body = gzip(plain);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 + 4 + 8 + 16, 1, 2, 3, 4, 0, 3});
        header.write(new byte[] {3, 0, 'a', 'b', 'c'});
        header.write(new byte[] {'n', 0, 'c', 'o', 0});
        CRC32 crc = new CRC32();
        crc.update(header.toByteArray());
        header.write((int) crc.getValue());
        header.write((int) (crc.getValue() >>> 8));
        header.write(body, 10, body.length - 10);
        byte[] stored = header.toByteArray();

        assertThat(Tools.decode(pipeline, stored, GZIP)).isEqualTo(plain);

        stored[5] ^= 1;
        assertRefused(stored, "the header's checksum does not match");
    }

    @Test
    void refusesWhatIsNotGzip() throws Exception {
        assertRefused(Tools.text(1000), "is not gzip");
        assertRefused(new byte[0], "ends inside");
        byte[] reserved = gzip(Tools.text(10));
        reserved[3] |= (byte) 0x80;
        assertRefused(reserved, "reserved flags");
    }

    @Test
    void refusesTheWrongLengthAndChecksum() throws Exception {
        byte[] stored = gzip(Tools.text(1000));
        byte[] length = stored.clone();
        length[length.length - 1] ^= 1;
        assertRefused(length, "length does not match");
        byte[] checksum = stored.clone();
        checksum[checksum.length - 8] ^= 1;
        assertRefused(checksum, "checksum does not match");
    }

    @Test
    void refusesGarbageAfterItsEnd() throws Exception {
        byte[] stored = gzip(Tools.text(1000));
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.write(stored);
        longer.write("garbage".getBytes(StandardCharsets.US_ASCII));

        assertRefused(longer.toByteArray(), "goes on after its gzip data with something else");
    }

    @Test
    void endsItsThreadsWhenTheSinkFails() throws Exception {
        OutputStream broken = new OutputStream() {
            private int left = 300_000;

            @Override
            public void write(int b) throws IOException {
                if (--left < 0) {
                    throw new IOException("sink failed");
                }
            }
        };
        try (Encoder encoder = pipeline.encode(broken)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> {
                        while (true) {
                            encoder.write(Tools.noise(100_000));
                        }
                    })
                    .withMessage("sink failed");
            assertThat(threads()).isPositive();
        }
    }

    @Test
    void endsItsThreadsWhenAbandoned() throws Exception {
        try (Encoder encoder = pipeline.encode(OutputStream.nullOutputStream())) {
            encoder.write(Tools.text(3_000_000));
            assertThat(threads()).isPositive();
        }
    }

    @Test
    void endsItsThreadsOnAnInterruptedThreadAndStaysInterrupted() throws Exception {
        try (Encoder encoder = pipeline.encode(OutputStream.nullOutputStream())) {
            encoder.write(Tools.text(1_000_000));
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> {
                while (true) {
                    encoder.write(Tools.text(1_000_000));
                }
            });
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void startsNoThreadForASmallArtifact() throws Exception {
        try (Encoder encoder = pipeline.encode(OutputStream.nullOutputStream())) {
            encoder.write(Tools.text(GzipEncoding.BLOCK_BYTES));
            assertThat(threads()).isZero();
            encoder.finish();
        }
    }

    private void assertRefused(byte[] stored, String problem) {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(pipeline, stored, GZIP))
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(stored)) {
            out.write(plain);
        }
        return stored.toByteArray();
    }
}
