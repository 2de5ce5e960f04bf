package cloud.lvs.backup.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a source is told about the work at hand; the one parameter that grows. Thread-safe. */
public interface RunContext {
    /** The job's name. */
    String job();

    /** The run at work. */
    RunId run();

    /** The instant the run fixed when it began: whole seconds, UTC. */
    Instant timestamp();

    /** The newest whole backup before this run, if there is one and it can be read. */
    Optional<Manifest> previous();

    /**
     * The newest backup before this run, whether it is whole or not, if there is one and it can be read; as {@link #previous}
     * where the host does not tell them apart.
     */
    default Optional<Manifest> newest() {
        return previous();
    }

    /**
     * What {@link Source#inventory} told the engine before this capture, so that it need not be asked for again; empty if it was
     * not asked, as in all work but a run.
     */
    default List<Item> inventory() {
        return List.of();
    }

    /** The backups of the job that remain, newest first; while one is discarded, those without it. */
    List<BackupSummary> remaining();

    /** When the work has to be done, if there is such a time. */
    Optional<Instant> deadline();

    /**
     * Returns while the work may go on.
     *
     * @throws InterruptedException if it was asked to stop
     * @throws BackupException of kind {@code FAILED} if the deadline has passed
     */
    void checkpoint() throws BackupException, InterruptedException;

    /**
     * Tells how far the work on an item is; cheap, to be called often.
     *
     * @param totalBytes about how much there is, or 0 if unknown
     */
    void progress(String item, long doneBytes, long totalBytes);

    /**
     * Tells that a part of the work begins and the one before has ended, e.g. {@code globals}; the engine times the phases of a
     * drill.
     */
    default void phase(String name) {}

    /** Tells the operator something to look at; a run with warnings ends as {@link Outcome#WARNED}. */
    void warn(String message);
}
