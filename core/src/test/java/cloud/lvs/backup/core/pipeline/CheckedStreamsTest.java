package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckedStreamsTest {
    private static final String TARGET = "object 2026/11/k3s.db.zst";
    private static final byte[] STORED = "stored".getBytes(StandardCharsets.US_ASCII);
    // printf stored | sha256sum
    private static final String SHA256 = "87b04e58961f9a99d853d4046a0b5b793e7c3e4bbd21f5aca8fb17c20cdb1d8b";

    @TempDir
    Path directory;

    @Test
    void digestsAndCountsWhatPassesAsSha256sumDoes() throws Exception {
        byte[] bytes = Tools.noise(200_000);
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        DigestingOutputStream out = new DigestingOutputStream(sink);
        out.write(bytes[0]);
        out.write(bytes, 1, 1000);
        out.write(bytes, 1001, bytes.length - 1001);

        assertThat(sink.toByteArray()).isEqualTo(bytes);
        assertThat(out.count()).isEqualTo(200_000);
        assertThat(Tools.shell(directory, bytes, "sha256sum | cut -c1-64").text())
                .isEqualTo(out.sha256() + "\n");
        assertThat(out.sha256()).isEqualTo(out.sha256());
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> out.write(1));
    }

    @Test
    void countsOnlyWhatTheSinkTook() {
        DigestingOutputStream out = new DigestingOutputStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("sink failed");
            }
        });

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> out.write(STORED));
        assertThat(out.count()).isZero();
    }

    private static InputStream verified(byte[] stored) {
        return new VerifiedInputStream(new ByteArrayInputStream(stored), STORED.length, SHA256, TARGET);
    }

    @Test
    void endsWhereTheStoredBytesAreTheExpectedOnes() throws Exception {
        InputStream in = verified(STORED);
        assertThat(in.readAllBytes()).isEqualTo(STORED);
        assertThat(in.read()).isEqualTo(-1);
        InputStream bytewise = verified(STORED);
        for (byte expected : STORED) {
            assertThat(bytewise.read()).isEqualTo(expected);
        }
        assertThat(bytewise.read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "store", "storeD", "stored!", "Stored and more"})
    void throwsInsteadOfEndingWhereTheyAreNot(String stored) {
        InputStream in = verified(stored.getBytes(StandardCharsets.US_ASCII));

        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatExceptionOfType(BackupException.class)
                    .isThrownBy(in::readAllBytes)
                    .withMessageStartingWith(TARGET + ": ")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
        }
    }

    @Test
    void skippingVerifiesToo() {
        InputStream in = verified("storeD".getBytes(StandardCharsets.US_ASCII));

        assertThatExceptionOfType(BackupException.class).isThrownBy(() -> in.skipNBytes(7));
    }

    @Test
    void stoppingEarlyIsNoFailure() throws Exception {
        byte[] other = "Stored and more".getBytes(StandardCharsets.US_ASCII);
        try (InputStream in = verified(other)) {
            assertThat(in.read()).isEqualTo('S');
        }
        try (InputStream in = sized(other, 100)) {
            assertThat(in.read()).isEqualTo('S');
        }
    }

    private static InputStream sized(byte[] plain, long expected) {
        return new SizedInputStream(new ByteArrayInputStream(plain), expected, TARGET);
    }

    @Test
    void endsAtTheExpectedPlainSizeAndThrowsAtAnyOther() throws Exception {
        assertThat(sized(STORED, STORED.length).readAllBytes()).isEqualTo(STORED);
        assertThat(sized(new byte[0], 0).readAllBytes()).isEmpty();
        for (int expected : new int[] {0, 1, 5, 7, 1000}) {
            InputStream in = sized(STORED, expected);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatExceptionOfType(BackupException.class)
                        .isThrownBy(in::readAllBytes)
                        .withMessageContaining(expected + " plain bytes")
                        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void aDecompressionBombStopsAtTheExpectedSize(String codec) throws Exception {
        Pipeline pipeline = new Pipeline(codec.equals("zstd") ? new Compression.Zstd() : new Compression.Gzip());
        byte[] bomb = Tools.encode(pipeline, new byte[64 << 20]);
        long[] out = new long[1];
        OutputStream counting = new OutputStream() {
            @Override
            public void write(int b) {
                out[0]++;
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                out[0] += length;
            }
        };

        try (InputStream in = new SizedInputStream(
                pipeline.decode(new ByteArrayInputStream(bomb), List.of(codec)), 100_000, TARGET)) {
            assertThatExceptionOfType(BackupException.class).isThrownBy(() -> in.transferTo(counting));
        }

        assertThat(out[0]).isLessThanOrEqualTo(100_000);
    }

    /** A reader that takes exactly the plain bytes and then looks for the end has read the stored object to its end. */
    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void bytesAppendedToTheStoredObjectAreSeen(String codec) throws Exception {
        Pipeline pipeline = new Pipeline(codec.equals("zstd") ? new Compression.Zstd() : new Compression.Gzip());
        byte[] plain = Tools.text(1000);
        byte[] stored = Tools.encode(pipeline, plain);
        DigestingOutputStream digest = new DigestingOutputStream(OutputStream.nullOutputStream());
        digest.write(stored);
        // A whole further frame or member of nothing: valid for the codec, and the same plain bytes.
        byte[] empty = Tools.encode(pipeline, new byte[0]);
        byte[] longer = Arrays.copyOf(stored, stored.length + empty.length);
        System.arraycopy(empty, 0, longer, stored.length, empty.length);
        assertThat(Tools.decode(pipeline, longer, List.of(codec))).isEqualTo(plain);

        try (InputStream in = new SizedInputStream(
                pipeline.decode(
                        new VerifiedInputStream(
                                new ByteArrayInputStream(longer), stored.length, digest.sha256(), TARGET),
                        List.of(codec)),
                plain.length,
                TARGET)) {
            assertThatExceptionOfType(BackupException.class)
                    .isThrownBy(() -> {
                        in.readNBytes(plain.length);
                        in.read();
                    })
                    .withMessageContaining("is longer than");
        }
    }
}
