package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A mount, where the test may make one; closing it unmounts. */
record TemporaryMount(Path at) implements AutoCloseable {
    /** Shows {@code directory}, or a file, at {@code at} too, or skips the test. */
    static TemporaryMount bind(Path directory, Path at) throws IOException {
        return made(at, "--bind", directory.toString(), at.toString());
    }

    /** An empty file system of that size, or skips the test. */
    static TemporaryMount tmpfs(Path at, long bytes) throws IOException {
        return made(at, "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", at.toString());
    }

    private static TemporaryMount made(Path at, String... options) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount");
        List<String> words = new ArrayList<>(List.of("mount"));
        words.addAll(List.of(options));
        assumeTrue(command(words.toArray(String[]::new)), "mounting is not allowed here");
        return new TemporaryMount(at);
    }

    void makeReadOnly() throws IOException {
        assertThat(command("mount", "-o", "remount,ro,bind", at.toString())).isTrue();
    }

    @Override
    public void close() throws IOException {
        assertThat(command("umount", at.toString())).as("unmounting " + at).isTrue();
    }

    private static boolean command(String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        try {
            return process.waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
