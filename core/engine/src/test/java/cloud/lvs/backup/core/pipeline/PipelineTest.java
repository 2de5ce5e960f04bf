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
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineTest {
    @TempDir
    static Path directory;

    private static AgeEncryption encryption;
    private static Path identity;

    @BeforeAll
    static void makeKeys() throws Exception {
        identity = directory.resolve("identity.txt");
        encryption = new AgeEncryption(List.of(Tools.newIdentity(directory, "identity.txt")));
    }

    static Stream<Pipeline> everyKind() {
        return Stream.of(
                        Compression.NONE,
                        new Compression.Zstd(1, 1, null),
                        new Compression.Zstd(3, 2, null),
                        new Compression.Zstd(9, 2, 24),
                        new Compression.Gzip(1, 1),
                        new Compression.Gzip(6, 3),
                        new Compression.Gzip(9, 2))
                .flatMap(compression ->
                        Stream.of(new Pipeline(compression), new Pipeline(compression, encryption, identity)));
    }

    static int[] sizes() {
        int chunk = 64 << 10;
        int block = GzipEncoding.BLOCK_BYTES;
        return new int[] {
            0,
            1,
            100,
            32767,
            32768,
            32769,
            chunk - 1,
            chunk,
            chunk + 1,
            2 * chunk,
            131072,
            block - 1,
            block,
            block + 1,
            2 * block,
            5 * block + 17,
            3_000_001
        };
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void givesBackWhatItWasGiven(Pipeline pipeline) throws Exception {
        for (int size : sizes()) {
            for (byte[] plain : List.of(Tools.text(size), Tools.noise(size))) {
                byte[] stored = Tools.encode(pipeline, plain);

                assertThat(Tools.decode(pipeline, stored, pipeline.codecs()))
                        .as("%s bytes through %s", size, pipeline.codecs())
                        .isEqualTo(plain);
            }
        }
    }

    @Test
    void namesItsCodecsInTheOrderApplied() {
        assertThat(new Pipeline().codecs()).containsExactly("zstd");
        assertThat(new Pipeline().extension()).isEqualTo(".zst");
        assertThat(new Pipeline(Compression.NONE).codecs()).isEmpty();
        assertThat(new Pipeline(Compression.NONE).extension()).isEmpty();
        Pipeline both = new Pipeline(new Compression.Gzip(), encryption, null);
        assertThat(both.codecs()).containsExactly("gzip", "age");
        assertThat(both.extension()).isEqualTo(".gz.age");
    }

    @Test
    void readsWhatAnotherConfigurationStored() throws Exception {
        byte[] plain = Tools.text(100_000);
        byte[] stored = Tools.encode(new Pipeline(new Compression.Gzip(), encryption, null), plain);

        Pipeline unencrypted = new Pipeline(Compression.NONE, null, identity);

        assertThat(Tools.decode(unencrypted, stored, List.of("gzip", "age"))).isEqualTo(plain);
    }

    @Test
    void saysHowToDecodeByHand() throws Exception {
        Pipeline pipeline = new Pipeline();
        assertThat(pipeline.decodeCommand(List.of())).isEmpty();
        assertThat(pipeline.decodeCommand(List.of("gzip"))).isEqualTo("gunzip");
        assertThat(pipeline.decodeCommand(List.of("zstd", "age"))).isEqualTo("age -d -i IDENTITY_FILE | zstd -d");
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void isDecodedByTheCommandItNames(Pipeline pipeline) throws Exception {
        String command = pipeline.decodeCommand(pipeline.codecs()).replace("IDENTITY_FILE", identity.toString());
        for (int size : new int[] {0, 1, 65536, 262144, 1_500_000}) {
            byte[] plain = Tools.text(size);

            byte[] decoded = Tools.shell(directory, Tools.encode(pipeline, plain), command.isEmpty() ? "cat" : command)
                    .successful();

            assertThat(decoded).as("%s bytes by '%s'", size, command).isEqualTo(plain);
        }
    }

    @Test
    void refusesAnUnknownCodec() {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(new Pipeline(), new byte[0], List.of("lz4")))
                .satisfies(e -> assertThat(e.problem()).contains("'lz4'").contains("age, gzip, zstd"));
        assertThatExceptionOfType(BackupException.class).isThrownBy(() -> new Pipeline().decodeCommand(List.of("lz4")));
    }

    @Test
    void asksForAnIdentityFileOnlyToDecrypt() throws Exception {
        Path missing = directory.resolve("missing.txt");
        Pipeline pipeline = new Pipeline(Compression.DEFAULT, encryption, missing);
        byte[] stored = Tools.encode(pipeline, Tools.text(10));

        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(pipeline, stored, pipeline.codecs()))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS))
                .withMessageContaining(missing.toString())
                .withMessageContaining("does not exist");
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(new Pipeline(), stored, pipeline.codecs()))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS))
                .satisfies(e -> assertThat(e.remedy()).contains("encryption.identityFile"));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void closedWithoutFinishLeavesNothingThatDecodes(Pipeline pipeline) throws Exception {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (Encoder encoder = pipeline.encode(stored)) {
            encoder.write(Tools.noise(1_000_000));
        }

        if (!pipeline.codecs().isEmpty()) {
            assertThatExceptionOfType(BackupException.class)
                    .isThrownBy(() -> Tools.decode(pipeline, stored.toByteArray(), pipeline.codecs()))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void neverClosesTheStreamItWritesToButTheOneItReads(Pipeline pipeline) throws Exception {
        boolean[] closed = new boolean[2];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        try (Encoder encoder = pipeline.encode(bytes)) {
            encoder.write(1);
            encoder.finish();
        }
        InputStream stored = new ByteArrayInputStream(bytes.toByteArray()) {
            @Override
            public void close() {
                closed[1] = true;
            }
        };
        pipeline.decode(stored, pipeline.codecs()).close();

        assertThat(closed).containsExactly(false, true);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void keepsFailingAfterTheFirstFailure(Pipeline pipeline) throws Exception {
        OutputStream full = new OutputStream() {
            private int left = 1000;

            @Override
            public void write(int b) throws IOException {
                if (--left < 0) {
                    throw new IOException("no space");
                }
            }
        };
        try (Encoder encoder = pipeline.encode(full)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            encoder.write(Tools.noise(100_000));
                        }
                        // With several workers a codec may hold all of that back until here.
                        encoder.finish();
                    })
                    .withMessage("no space");
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(encoder::finish)
                    .withMessageContaining("failed before");
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> encoder.write(1));
        }
    }

    @Test
    void refusesToBeWrittenAfterItsEnd() throws Exception {
        Encoder finished = new Pipeline().encode(OutputStream.nullOutputStream());
        finished.finish();
        finished.close();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> finished.write(1))
                .withMessageContaining("finished");

        Encoder closed = new Pipeline().encode(OutputStream.nullOutputStream());
        closed.close();
        closed.close();
        assertThatExceptionOfType(IOException.class).isThrownBy(closed::finish).withMessageContaining("closed");
    }
}
