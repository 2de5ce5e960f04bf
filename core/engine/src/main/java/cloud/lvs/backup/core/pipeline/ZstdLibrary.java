package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The library in C behind zstd-jni, which is unpacked from its jar when it is first used. */
final class ZstdLibrary {
    private ZstdLibrary() {}

    /** @throws BackupException of kind {@code CONFIG} if the library cannot be loaded */
    static ZstdCompressCtx compressor() throws BackupException {
        load();
        return new ZstdCompressCtx();
    }

    /** @throws BackupException of kind {@code CONFIG} if the library cannot be loaded */
    static ZstdDecompressCtx decompressor() throws BackupException {
        load();
        return new ZstdDecompressCtx();
    }

    /** Left to itself the library would leave its file behind when the process is killed. */
    private static synchronized void load() throws BackupException {
        if (Native.isLoaded()) {
            return;
        }
        Path place = Path.of(System.getProperty("ZstdTempFolder", System.getProperty("java.io.tmpdir", "/tmp")));
        try {
            Path own = Files.createTempDirectory(place, "lvs-backup-zstd-");
            try {
                Native.load(own.toFile());
            } finally {
                delete(own);
            }
        } catch (IOException | LinkageError e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "zstd",
                    "its library cannot be loaded from " + place + ", where it is unpacked",
                    "point TMPDIR to a directory that can be written and is not mounted noexec, or give Java such a one with"
                            + " LVS_JAVA_OPTS=-DZstdTempFolder=DIRECTORY",
                    e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
