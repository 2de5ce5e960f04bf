package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/**
 * A source that captures as the test tells it.
 *
 * @param items what it has whenever it is asked
 */
record SpiSource(Supplier<List<Item>> items, Capture how) implements Source {
    static final Item FIRST = Item.selected("first", null);
    static final Item SECOND = Item.selected("second", null);

    /** One of the items {@code first} and {@code second}. */
    SpiSource(Capture how) {
        this(() -> List.of(FIRST, SECOND), how);
    }

    /** What {@link Source#capture} does. */
    @FunctionalInterface
    interface Capture {
        CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException;
    }

    @Override
    public List<Finding> preflight(RunContext run) {
        return List.of();
    }

    @Override
    public List<Item> inventory(RunContext run) {
        return items.get();
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        return how.capture(out, run);
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run) {
        throw new UnsupportedOperationException("not in these tests");
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
        throw new UnsupportedOperationException("not in these tests");
    }

    @Override
    public void close() {}
}
