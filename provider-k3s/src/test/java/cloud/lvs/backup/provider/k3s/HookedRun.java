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

/** A run in which something happens whenever progress is told, or it is asked whether the work may go on. */
final class HookedRun implements RunContext {
    private final TestRunContext run = new TestRunContext();
    private final Runnable onProgress;
    private final Runnable onCheckpoint;

    HookedRun(Runnable onProgress) {
        this(onProgress, () -> {});
    }

    private HookedRun(Runnable onProgress, Runnable onCheckpoint) {
        this.onProgress = onProgress;
        this.onCheckpoint = onCheckpoint;
    }

    static HookedRun atCheckpoints(Runnable onCheckpoint) {
        return new HookedRun(() -> {}, onCheckpoint);
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
        onCheckpoint.run();
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

    List<String> warnings() {
        return run.warnings();
    }
}
