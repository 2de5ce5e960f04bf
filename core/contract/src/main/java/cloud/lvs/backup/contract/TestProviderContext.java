package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a host gives a provider, for tests. Remembers the secrets it was told. Thread-safe. */
public final class TestProviderContext implements ProviderContext {
    private final Path scratch;
    private final Clock clock;
    private final Map<String, Store> stores = new HashMap<>();
    private final List<String> redacted = new ArrayList<>();

    /** @param scratch an existing directory */
    public TestProviderContext(Path scratch) {
        this(scratch, TestTime.machine());
    }

    /** @param scratch an existing directory */
    public TestProviderContext(Path scratch, Clock clock) {
        this.scratch = scratch;
        this.clock = clock;
    }

    /** Configures a sink's read side. */
    public synchronized TestProviderContext with(String sinkName, Store store) {
        stores.put(sinkName, store);
        return this;
    }

    /** The secrets that would be masked, in the order they were told. */
    public synchronized List<String> redacted() {
        return List.copyOf(redacted);
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Path scratchDirectory() {
        return scratch;
    }

    @Override
    public synchronized Store store(String sinkName) throws BackupException {
        Store store = stores.get(sinkName);
        if (store == null) {
            throw new BackupException(
                    Kind.CONFIG, "sink " + sinkName, "is not configured", "known sinks: " + stores.keySet());
        }
        return store;
    }

    @Override
    public synchronized void redact(String secret) {
        redacted.add(secret);
    }
}
