package cloud.lvs.backup.core.event;

import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.List;

/** What happens while the engine works. The last event of each piece of work is an {@link Ended}. */
public sealed interface Event {
    /** The job it happens in. */
    String job();

    /** A stage of the engine's began. */
    record StageStarted(String job, Stage stage) implements Event {}

    /**
     * The source began a part of its own within the stage, by {@link RunContext#phase}.
     *
     * @param phase as the source calls it, e.g. {@code fetch}
     */
    record PhaseStarted(String job, String phase) implements Event {}

    /**
     * The source tells how far it is. At most four times a second for each item, and always the last state.
     *
     * @param totalBytes about how much there is, or 0 if unknown
     */
    record Progress(String job, String item, long doneBytes, long totalBytes) implements Event {}

    /**
     * Bytes were handed to, or read from, the sink. At most four times a second for each object, and
     * always the last state.
     *
     * @param keyBytes how many of this object so far
     * @param totalBytes how many of all objects since the piece of work began
     */
    record Transferred(String job, String key, long keyBytes, long totalBytes) implements Event {}

    /** An artifact was stored and confirmed. */
    record ArtifactStored(String job, StoredArtifact artifact) implements Event {}

    /** Something to look at. */
    record Warned(String job, String message) implements Event {}

    /** Something to know that calls for no action; told once a run. */
    record Noted(String job, String message) implements Event {}

    /** A piece of work ended. */
    sealed interface Ended extends Event {}

    /** A run ended, well or not. */
    record RunFinished(String job, RunReport report) implements Ended {}

    /** A verification ended, passed or not. */
    record VerifyFinished(String job, VerifyReport report) implements Ended {}

    /** A restore ended. */
    record RestoreFinished(String job, BackupId backup, RestoreReport report) implements Ended {}

    /** The last restore in place was taken back. */
    record UndoFinished(String job, RestoreReport report) implements Ended {}

    /** What dead restores had left was removed. */
    record CleanUpFinished(String job, RestoreReport report) implements Ended {}

    /** A drill ended, passed or not. */
    record DrillFinished(String job, DrillReport report) implements Ended {}

    /**
     * A prune ended.
     *
     * @param reports one for each sink
     */
    record PruneFinished(String job, List<PruneReport> reports) implements Ended {
        public PruneFinished {
            reports = List.copyOf(reports);
        }
    }

    /** A copy ended that was asked for by itself; those of a run are in its report. */
    record CopyFinished(String job, CopyReport report) implements Ended {}

    /** An adoption ended. */
    record AdoptFinished(String job, AdoptReport report) implements Ended {}

    /** A look at a job ended; what is wrong is in the result. */
    record DiagnoseFinished(String job, DiagnosisReport diagnosis) implements Ended {}

    /** A piece of work other than a run threw; the caller gets what it threw. */
    record WorkFailed(String job, Failure failure) implements Ended {}
}
