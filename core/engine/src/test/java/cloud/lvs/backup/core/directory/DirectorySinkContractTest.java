package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.spi.Sink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class DirectorySinkContractTest extends SinkContract {
    @TempDir
    Path parent = Path.of("");

    private Path root() {
        return parent.resolve("it's a \"sink\" at $HOME");
    }

    @Override
    protected Sink newSink() {
        return new DirectorySink(root());
    }

    @Override
    protected Sink openAgain() {
        return new DirectorySink(root());
    }

    @Override
    protected int unfinishedWrites() throws Exception {
        Path staging = root().resolve(".lvs-staging");
        if (Files.notExists(staging)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(staging)) {
            return (int) files.count();
        }
    }

    /** A directory has no pages to get wrong, and each object costs several syncs. */
    @Override
    protected int manyObjects() {
        return 1_000;
    }
}
