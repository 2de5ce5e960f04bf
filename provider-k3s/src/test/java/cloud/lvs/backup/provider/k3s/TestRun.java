package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A run that notes what it is told and stops when its thread is interrupted. */
final class TestRun implements RunContext {
    final List<String> warnings = new CopyOnWriteArrayList<>();
    final List<Long> progress = new CopyOnWriteArrayList<>();
    Runnable onProgress = () -> {};
    private final @Nullable Manifest previous;

    TestRun() {
        this(null);
    }

    TestRun(@Nullable Manifest previous) {
        this.previous = previous;
    }

    @Override
    public String job() {
        return "k3s";
    }

    @Override
    public RunId run() {
        return new RunId("k7f3q2xw");
    }

    @Override
    public Instant timestamp() {
        return InMemoryBackup.AT;
    }

    @Override
    public Optional<Manifest> previous() {
        return Optional.ofNullable(previous);
    }

    @Override
    public List<BackupSummary> remaining() {
        return List.of();
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.empty();
    }

    @Override
    public void checkpoint() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public void progress(String item, long doneBytes, long totalBytes) {
        progress.add(doneBytes);
        onProgress.run();
    }

    @Override
    public void warn(String message) {
        warnings.add(message);
    }
}
