package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Leaves neither processes nor files, also when the program is stopped with Ctrl-C. */
public final class Cleanup implements Runnable {
    private final Path work;
    private volatile boolean begun;

    public Cleanup(Path work) {
        this.work = work;
    }

    /** Whether the program is ending, so that nothing more must be started. */
    public boolean hasBegun() {
        return begun;
    }

    @Override
    public void run() {
        begun = true;
        // Politely: some of them have to clean up for themselves, and do so when told to end.
        List<ProcessHandle> processes = ProcessHandle.current().descendants().toList();
        processes.forEach(ProcessHandle::destroy);
        CompletableFuture.allOf(processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, 15, TimeUnit.SECONDS)
                .join();
        processes.forEach(ProcessHandle::destroyForcibly);
        try {
            DirectoryTrees.remove(work);
        } catch (IOException e) {
            System.err.println("cannot remove " + work + ": " + e.getMessage());
        }
    }
}
