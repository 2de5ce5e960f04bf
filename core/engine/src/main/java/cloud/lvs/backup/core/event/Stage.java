package cloud.lvs.backup.core.event;

import java.util.Locale;

/** A part of the engine's work. A run goes through those from {@link #BEGIN} to {@link #RETAIN}; the others are work by themselves. */
public enum Stage {
    /** The first moments, and once the source was asked, the writing of the run's beginning into the journal. */
    BEGIN,
    /** Takes the lock of the job. */
    LOCK,
    /** Reads what is in the sink already. */
    CATALOG,
    /** Asks the source what would make the run fail. */
    PREFLIGHT,
    /** The source writes its artifacts. */
    CAPTURE,
    /** Makes what was written a backup. */
    COMMIT,
    /** Copies the backup to another sink: after a run, or by itself. */
    COPY,
    /** Applies retention after a run. */
    RETAIN,
    /** Reads and proves the manifest, before a drill restores. */
    MANIFEST,
    VERIFY,
    /** Restores: by itself, or for a drill. */
    RESTORE,
    DRILL,
    UNDO,
    CLEAN_UP,
    PRUNE,
    ADOPT,
    DOCTOR;

    /** As reports and messages call it: {@code capture}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
