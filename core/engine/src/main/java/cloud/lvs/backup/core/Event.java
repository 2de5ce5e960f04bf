package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.StoredArtifact;

/** What happens while the engine works. */
public sealed interface Event {
    /** The job it happens in. */
    String job();

    /** A stage began: {@code preflight}, {@code capture}, {@code confirm}, {@code commit}, {@code retain}, … */
    record StageStarted(String job, String stage) implements Event {}

    /**
     * The source tells how far it is.
     *
     * @param totalBytes about how much there is, or 0 if unknown
     */
    record Progress(String job, String item, long doneBytes, long totalBytes) implements Event {}

    /** Bytes were handed to, or read from, the sink since the work began. */
    record Transferred(String job, String key, long bytes) implements Event {}

    /** An artifact was stored and confirmed. */
    record ArtifactStored(String job, StoredArtifact artifact) implements Event {}

    /** Something to look at. */
    record Warned(String job, String message) implements Event {}

    /** Something to know that calls for no action; told once a run. */
    record Noted(String job, String message) implements Event {}

    /** A run ended. */
    record RunFinished(String job, RunReport report) implements Event {}
}
