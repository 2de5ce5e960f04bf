package cloud.lvs.backup.provider.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system under a directory of a server, where the test may mount one; closing it takes it away. */
record SmallDisk(Path at) implements AutoCloseable {
    private static final String FILLING = "filling";

    /** Moves what a directory holds to a file system of its own, with its owner and mode, or skips the test. */
    static SmallDisk under(Path directory, int megabytes) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount");
        Path moved = directory.resolveSibling(directory.getFileName() + " moved");
        Files.move(directory, moved);
        Files.createDirectory(directory);
        boolean mounted =
                succeeds("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", directory.toString());
        assertThat(succeeds("cp", "-a", moved + "/.", directory.toString())).isTrue();
        assertThat(succeeds("rm", "-r", moved.toString())).isTrue();
        assumeTrue(mounted, "mounting is not allowed here");
        return new SmallDisk(directory);
    }

    /** Leaves not a byte free. */
    void fill() {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(at.resolve(FILLING))) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    /** Gives back what {@link #fill} took. */
    void free() throws IOException {
        Files.delete(at.resolve(FILLING));
    }

    @Override
    public void close() throws Exception {
        // A server that still has files open there lets it go when it ends.
        assertThat(succeeds("umount", "--lazy", at.toString()))
                .as("unmounting " + at)
                .isTrue();
    }

    private static boolean succeeds(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
