package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class FlatSinkContractTest extends SinkContract {
    @TempDir
    Path directory;

    @Override
    protected Sink newSink() {
        return new FlatSink(directory);
    }

    @Override
    protected Sink openAgain() {
        return new FlatSink(directory);
    }

    @Override
    protected int manyObjects() {
        // There are no pages here; each object costs a sync.
        return 300;
    }

    @Override
    protected int unfinishedWrites() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.filter(file -> file.toString().endsWith(".part")).count();
        }
    }

    @Override
    protected boolean cutShort(ObjectKey key) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Path object = files.filter(file -> file.toString().endsWith(".object"))
                    .findFirst()
                    .orElseThrow();
            try (FileChannel file = FileChannel.open(object, StandardOpenOption.WRITE)) {
                file.truncate(file.size() / 2);
            }
        }
        return true;
    }
}
