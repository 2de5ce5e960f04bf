package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** A bind mount, where the test may make one; closing it unmounts. */
record Mount(Path at) implements AutoCloseable {
    /** Shows {@code directory} at {@code at} too, or skips the test. */
    static Mount bind(Path directory, Path at) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount");
        assumeTrue(command("mount", "--bind", directory.toString(), at.toString()), "mounting is not allowed here");
        return new Mount(at);
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
