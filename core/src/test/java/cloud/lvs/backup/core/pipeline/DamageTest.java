package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever happens to the stored bytes, no wrong plain byte is ever presented as a whole object. */
class DamageTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final String TARGET = "object 2026/11/k3s.db";

    @TempDir
    static Path directory;

    private static AgeEncryption encryption;
    private static Path identity;

    @BeforeAll
    static void makeKeys() throws Exception {
        identity = directory.resolve("identity.txt");
        encryption = new AgeEncryption(
                List.of(Tools.newIdentity(directory, "identity.txt"), Tools.newIdentity(directory, "offline.txt")));
    }

    static Stream<Pipeline> everyChain() {
        return Stream.concat(everyCodec(), Stream.of(new Pipeline(Compression.NONE)));
    }

    static Stream<Pipeline> everyCodec() {
        return Stream.of(
                new Pipeline(new Compression.Zstd(3, 2, null)),
                new Pipeline(new Compression.Gzip(6, 2)),
                new Pipeline(Compression.NONE, encryption, identity),
                new Pipeline(new Compression.Zstd(3, 2, null), encryption, identity),
                new Pipeline(new Compression.Gzip(6, 2), encryption, identity));
    }

    private static List<byte[]> plains() {
        return List.of(new byte[0], Tools.text(150), Tools.text(400_000));
    }

    /** Everything for small objects if asked to be thorough, else the edges and a random sample of the rest. */
    private static IntStream sample(int count) {
        if (count == 0) {
            return IntStream.empty();
        }
        if (FULL && count <= 10_000) {
            return IntStream.range(0, count);
        }
        int sampled = FULL ? 2_000 : 120;
        return IntStream.concat(
                        IntStream.concat(IntStream.range(0, 40), IntStream.range(count - 40, count)),
                        new Random(count).ints(sampled, 0, count))
                .filter(i -> i >= 0 && i < count)
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("everyChain")
    void aFlippedBitIsFound(Pipeline pipeline) throws Exception {
        for (byte[] plain : plains()) {
            byte[] stored = Tools.encode(pipeline, plain);
            sample(stored.length * 8).forEach(bit -> {
                byte[] altered = stored.clone();
                altered[bit / 8] ^= (byte) (1 << bit % 8);
                assertRefused(
                        pipeline, altered, stored, plain, "bit " + bit + " of " + stored.length + " bytes flipped");
            });
        }
    }

    @ParameterizedTest
    @MethodSource("everyChain")
    void aMissingEndIsFound(Pipeline pipeline) throws Exception {
        for (byte[] plain : plains()) {
            byte[] stored = Tools.encode(pipeline, plain);
            sample(stored.length)
                    .forEach(length -> assertRefused(
                            pipeline,
                            Arrays.copyOf(stored, length),
                            stored,
                            plain,
                            "cut to " + length + " of " + stored.length + " bytes"));
        }
    }

    @ParameterizedTest
    @MethodSource("everyChain")
    void bytesAfterTheEndAreFound(Pipeline pipeline) throws Exception {
        for (byte[] plain : plains()) {
            byte[] stored = Tools.encode(pipeline, plain);
            for (byte[] tail : List.of(new byte[1], new byte[70_000], Tools.noise(1), Tools.noise(200_000))) {
                byte[] longer = Arrays.copyOf(stored, stored.length + tail.length);
                System.arraycopy(tail, 0, longer, stored.length, tail.length);
                assertRefused(pipeline, longer, stored, plain, tail.length + " bytes appended");
            }
        }
    }

    /** A cut is found by every codec alone, without what the manifest knows. */
    @ParameterizedTest
    @MethodSource("everyCodec")
    void everyCodecFindsAMissingEndByItself(Pipeline pipeline) throws Exception {
        for (byte[] plain : plains()) {
            byte[] stored = Tools.encode(pipeline, plain);
            sample(stored.length)
                    .forEach(length -> assertThatExceptionOfType(BackupException.class)
                            .as("cut to " + length + " of " + stored.length + " bytes")
                            .isThrownBy(() -> Tools.decode(pipeline, Arrays.copyOf(stored, length), pipeline.codecs()))
                            .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION)));
        }
    }

    private static void assertRefused(Pipeline pipeline, byte[] altered, byte[] stored, byte[] plain, String what) {
        Throwable thrown = catchThrowable(() -> {
            try (InputStream in = new SizedInputStream(
                    pipeline.decode(
                            new VerifiedInputStream(
                                    new ByteArrayInputStream(altered), stored.length, sha256(stored), TARGET),
                            pipeline.codecs(),
                            TARGET),
                    plain.length,
                    TARGET)) {
                in.readAllBytes();
            }
        });
        assertThat(thrown).as(what).isInstanceOf(BackupException.class).hasMessageStartingWith(TARGET);
        // A stanza that was altered looks as if it were for somebody else.
        assertThat(((BackupException) thrown).kind())
                .as(what)
                .isIn(
                        pipeline.codecs().contains("age")
                                ? List.of(Kind.VERIFICATION, Kind.CREDENTIALS)
                                : List.of(Kind.VERIFICATION));
        // The decoders alone may not see a change without consequence, but never let a wrong byte pass.
        if (!pipeline.codecs().isEmpty()) {
            Throwable alone = catchThrowable(() -> assertThat(
                            Arrays.equals(Tools.decode(pipeline, altered, pipeline.codecs()), plain))
                    .isTrue());
            if (alone != null) {
                assertThat(alone).as(what).isInstanceOf(BackupException.class);
            }
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
