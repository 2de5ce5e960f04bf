package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A host with a scratch directory that remembers what it was asked to mask. */
final class TestContext implements ProviderContext {
    final List<String> redacted = new CopyOnWriteArrayList<>();
    private final Path scratch;

    TestContext(Path scratch) {
        this.scratch = scratch;
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public Path scratchDirectory() {
        return scratch;
    }

    @Override
    public Store store(String sinkName) {
        throw new AssertionError("k3s reads no sink");
    }

    @Override
    public void redact(String secret) {
        redacted.add(secret);
    }
}
