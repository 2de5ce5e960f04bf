package com.example.backup;

import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FolderSinkContractTest extends SinkContract {
    @TempDir
    Path directory;

    @Override
    protected Sink newSink() {
        var config = new FolderSinkProvider.Config(directory);
        return new FolderSinkProvider().create(config, new TestProviderContext(directory));
    }

    @Override
    protected Sink openAgain() {
        return newSink();
    }

    @Override
    protected int unfinishedWrites() {
        File[] parts = directory.resolve("parts").toFile().listFiles();
        return parts == null ? 0 : parts.length;
    }

    @Override
    protected int manyObjects() {
        // There are no pages here; each object costs a sync.
        return 100;
    }

    @Override
    protected boolean cutShort(ObjectKey key) throws IOException {
        try (var object = new RandomAccessFile(directory.resolve("objects/" + key).toFile(), "rw")) {
            object.setLength(object.length() / 2);
        }
        return true;
    }
}
