package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Store;
import cloud.lvs.backup.spi.StoredObject;
import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

/** What the runner gives a provider. */
final class RunnerProviderContext implements ProviderContext {
    private final Clock clock;
    private final Scratch scratch;
    private final Redactions redactions;
    private final Provider<Sinks> sinks;

    @Inject
    RunnerProviderContext(Clock clock, Scratch scratch, Redactions redactions, Provider<Sinks> sinks) {
        this.clock = clock;
        this.scratch = scratch;
        this.redactions = redactions;
        this.sinks = sinks;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Path scratchDirectory() {
        return scratch.directory();
    }

    @Override
    public Store store(String sinkName) throws BackupException {
        sinks.get().requireKnown(sinkName);
        return new ReadOnly(sinkName);
    }

    @Override
    public void redact(String secret) {
        redactions.add(secret);
    }

    /** A sink without its write side, opened when first used. */
    private final class ReadOnly implements Store {
        private final String name;

        ReadOnly(String name) {
            this.name = name;
        }

        private Store sink() throws BackupException {
            return sinks.get().named(name).sink();
        }

        @Override
        public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
            return sink().stat(key);
        }

        @Override
        public InputStream open(ObjectKey key) throws IOException, InterruptedException {
            return sink().open(key);
        }

        @Override
        public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
            return sink().list(prefix);
        }

        @Override
        public Stream<StoredObject> list(String prefix, String after) throws IOException, InterruptedException {
            return sink().list(prefix, after);
        }
    }
}
