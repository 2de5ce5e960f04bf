package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.prune.BackupDeletion;
import cloud.lvs.backup.spi.BackupId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Removes what a run that failed wrote, as far as the sink lets it; a later sweep takes the rest. */
record RunCleanup(EngineContext engine, Job job) {
    /**
     * Works on an interrupted thread.
     *
     * @param failure of the run; what fails here is added to it
     * @return what stays, and why
     */
    List<String> remove(BackupId begun, Throwable failure) {
        List<String> warnings = new ArrayList<>();
        boolean interrupted = Thread.interrupted();
        try {
            BackupDeletion deletion = new BackupDeletion(engine, job, job.sink());
            deletion.removeRemains(begun);
            deletion.left()
                    .forEach((what, reason) -> warnings.add(what + " stays: " + reason + "; a later prune sweeps it"));
        } catch (IOException | RuntimeException | LinkageError e) {
            failure.addSuppressed(e);
            warnings.add("what the run wrote stays until a later prune sweeps it: " + e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
            warnings.add("stopped while cleaning up; a later prune sweeps what the run wrote");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return warnings;
    }
}
