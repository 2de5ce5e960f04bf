package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.nio.file.Path;

/** Bytes that cannot be compressed, the same in every run. */
final class UploadData {
    /** Counter mode of a fixed key, as fast as the disk: not to be had from a random generator. */
    private static final String GENERATE =
            "openssl enc -aes-128-ctr -nosalt -K 6c7673 -iv 00 </dev/zero 2>/dev/null | head -c \"$1\" > \"$0\"";

    private UploadData() {}

    /** Writes them to a file, which then lies in memory. */
    static Path make(Path file, long bytes) throws IOException, InterruptedException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IllegalArgumentException(file + " is no file in a directory");
        }
        Trial.of(directory, "bash", "-c", GENERATE, file.toString(), Long.toString(bytes))
                .run()
                .expect(0);
        return file;
    }
}
