package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The stock command line tools, and bytes to feed them. */
final class Tools {
    private Tools() {}

    record Ended(int exit, byte[] output, String errors) {
        byte[] successful() {
            assertThat(exit).as(errors).isZero();
            return output;
        }

        String text() {
            return new String(successful(), StandardCharsets.UTF_8);
        }
    }

    /** Runs a shell line in {@code directory}, fed with {@code input}. */
    static Ended shell(Path directory, byte[] input, String line) throws IOException, InterruptedException {
        Path in = Files.createTempFile(directory, "in", null);
        Path out = Files.createTempFile(directory, "out", null);
        Path err = Files.createTempFile(directory, "err", null);
        Files.write(in, input);
        Process process = new ProcessBuilder("sh", "-c", line)
                .directory(directory.toFile())
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(line).isTrue();
        return new Ended(process.exitValue(), Files.readAllBytes(out), Files.readString(err));
    }

    static byte[] encode(Pipeline pipeline, byte[] plain) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (Encoder encoder = pipeline.encode(stored)) {
            writeInPieces(encoder, plain);
            encoder.finish();
        }
        return stored.toByteArray();
    }

    static byte[] decode(Pipeline pipeline, byte[] stored, List<String> codecs) throws IOException {
        try (InputStream plain = pipeline.decode(new ByteArrayInputStream(stored), codecs)) {
            return plain.readAllBytes();
        }
    }

    /** Single bytes first, then uneven pieces: no codec may depend on how it is fed. */
    private static void writeInPieces(OutputStream out, byte[] plain) throws IOException {
        int from = 0;
        while (from < Math.min(3, plain.length)) {
            out.write(plain[from++]);
        }
        int piece = 7;
        while (from < plain.length) {
            int count = Math.min(piece, plain.length - from);
            out.write(plain, from, count);
            from += count;
            piece = piece * 3 % 300_007;
        }
    }

    /** Text much like a dump: compressible, repeating within and beyond 32 KiB. */
    static byte[] text(int length) {
        Random random = new Random(length);
        StringBuilder text = new StringBuilder(length + 100);
        while (text.length() < length) {
            text.append("INSERT INTO events VALUES (")
                    .append(random.nextInt(100_000))
                    .append(", 'user-")
                    .append(random.nextInt(50))
                    .append("', '")
                    .append(Long.toHexString(random.nextLong()))
                    .append("');\n");
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    /** Writes a new identity file {@code name} and returns its recipient. */
    static String newIdentity(Path directory, String name) throws IOException, InterruptedException {
        shell(directory, new byte[0], "age-keygen -o " + name).successful();
        return shell(directory, new byte[0], "age-keygen -y " + name).text().strip();
    }
}
