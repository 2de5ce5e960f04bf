package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A run in which something happens whenever progress is told. */
final class HookedRun implements RunContext {
    private final TestRunContext run = new TestRunContext();
    private final Runnable onProgress;

    HookedRun(Runnable onProgress) {
        this.onProgress = onProgress;
    }

    @Override
    public String job() {
        return run.job();
    }

    @Override
    public RunId run() {
        return run.run();
    }

    @Override
    public Instant timestamp() {
        return run.timestamp();
    }

    @Override
    public Optional<Manifest> previous() {
        return run.previous();
    }

    @Override
    public List<BackupSummary> remaining() {
        return run.remaining();
    }

    @Override
    public Optional<Instant> deadline() {
        return run.deadline();
    }

    @Override
    public void checkpoint() throws BackupException, InterruptedException {
        run.checkpoint();
    }

    @Override
    public void progress(String item, long doneBytes, long totalBytes) {
        run.progress(item, doneBytes, totalBytes);
        onProgress.run();
    }

    @Override
    public void warn(String message) {
        run.warn(message);
    }
}
