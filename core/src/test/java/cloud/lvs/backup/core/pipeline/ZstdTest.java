package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdTest {
    private static final List<String> ZSTD = List.of("zstd");

    @TempDir
    Path directory;

    private final Pipeline pipeline = new Pipeline(new Compression.Zstd(3, 2, null));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 131_072, 131_073, 3_000_000})
    void writesOneFrameWithAChecksumThatZstdAccepts(int size) throws Exception {
        byte[] stored = Tools.encode(pipeline, Tools.text(size));

        String list = Tools.shell(directory, stored, "cat > one.zst && zstd -t -q one.zst && zstd -l -v one.zst | cat")
                .text();

        assertThat(list).contains("Frames: 1\n").contains("XXH64");
    }

    @Test
    void isReadByPlainZstdAlsoWithTheLongestWindow() throws Exception {
        byte[] plain = Tools.text(2_000_000);
        byte[] stored = Tools.encode(new Pipeline(new Compression.Zstd(3, 2, 27)), plain);

        assertThat(Tools.shell(directory, stored, "zstd -d").successful()).isEqualTo(plain);
        assertThat(Tools.decode(pipeline, stored, ZSTD)).isEqualTo(plain);
    }

    @Test
    void findsRepeatsThatAreFarApartWithALongWindow() throws Exception {
        byte[] noise = Tools.noise(5_000_000);
        byte[] twice = Arrays.copyOf(noise, 2 * noise.length);
        System.arraycopy(noise, 0, twice, noise.length, noise.length);

        int plainWindow = Tools.encode(new Pipeline(new Compression.Zstd(3, 2, null)), twice).length;
        int longWindow = Tools.encode(new Pipeline(new Compression.Zstd(3, 2, 24)), twice).length;

        assertThat(longWindow).isLessThan(plainWindow * 6 / 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd -1", "zstd -19 -T2", "zstd --long=27", "zstd --no-check", "zstd --fast=3"})
    void readsWhatZstdWrote(String command) throws Exception {
        byte[] plain = Tools.text(2_000_000);

        assertThat(Tools.decode(pipeline, Tools.shell(directory, plain, command).successful(), ZSTD))
                .isEqualTo(plain);
    }

    @Test
    void readsFramesOneAfterTheOther() throws Exception {
        byte[] both = Tools.shell(directory, new byte[0], "(seq 1 9 | zstd; printf '' | zstd; seq 10 20 | zstd)")
                .successful();

        assertThat(Tools.decode(pipeline, both, ZSTD))
                .isEqualTo(Tools.shell(directory, new byte[0], "seq 1 20").successful());
    }

    @Test
    void refusesASecondFrameThatIsCutInTheBufferOfTheFirst() throws Exception {
        byte[] first = Tools.encode(pipeline, Tools.text(100));
        byte[] second = Tools.encode(pipeline, Tools.text(200));
        for (int kept = 1; kept < second.length; kept++) {
            byte[] stored = Arrays.copyOf(first, first.length + kept);
            System.arraycopy(second, 0, stored, first.length, kept);
            assertRefused(stored);
        }
    }

    @Test
    void refusesAnEmptyObjectAndOneThatIsNotZstd() {
        assertRefused(new byte[0]);
        assertRefused(Tools.text(1000));
    }

    @Test
    void anAbandonedEncoderFreesItsThreadsAndMemory() throws Exception {
        byte[] plain = Tools.noise(4_000_000);
        abandonOne(plain);
        long threads = nativeThreads();
        long before = residentKiB();

        for (int i = 0; i < 60; i++) {
            abandonOne(plain);
        }

        assertThat(nativeThreads()).isLessThan(threads + 30);
        // Each held two threads and about 10 MiB.
        assertThat(residentKiB() - before).isLessThan(200 << 10);
    }

    private void abandonOne(byte[] plain) throws IOException {
        try (Encoder encoder = pipeline.encode(OutputStream.nullOutputStream())) {
            encoder.write(plain);
        }
    }

    private static long nativeThreads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.count();
        }
    }

    private static long residentKiB() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void assertRefused(byte[] stored) {
        assertThatExceptionOfType(BackupException.class)
                .as(stored.length + " bytes")
                .isThrownBy(() -> Tools.decode(pipeline, stored, ZSTD))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }
}
