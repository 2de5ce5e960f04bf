package cloud.lvs.backup.spi;

import java.io.IOException;
import java.util.List;

/**
 * Something to protect. Made for one run by a {@link SourceProvider}, used from one thread, closed by the caller.
 *
 * <p>A stop arrives as an interrupt of the thread that calls. What a call cleans up itself on its way out, temporary files,
 * processes, works on an interrupted thread; {@link #discard}, {@link #abandon} and {@link #close} need not, as the engine holds
 * an interrupt back while it calls them and sets it again afterwards.
 */
public interface Source extends AutoCloseable {
    /**
     * What would make a run fail, and how to mend it. Changes nothing.
     *
     * @throws IOException if even that cannot be found out
     */
    List<Finding> preflight(RunContext run) throws IOException, InterruptedException;

    /**
     * What other programs do for the protection of the same data, and whether they truly do it, for {@code doctor} to tell.
     * Changes nothing; no finding of it stands against a run.
     *
     * @throws IOException if that cannot be found out
     */
    default List<Finding> audit(RunContext run) throws IOException, InterruptedException {
        return List.of();
    }

    /** What exists now, protected or not. Cheap; takes no locks. */
    List<Item> inventory(RunContext run) throws IOException, InterruptedException;

    /**
     * Captures each selected item at one consistent point and streams its artifacts, plain, to {@code out}. What was selected
     * when the run began is {@link RunContext#inventory()}.
     *
     * @return every item with what became of it: one that the inventory told as excluded is skipped, one that it told as
     *     unreachable has failed. A selected item may be skipped only if it no longer exists; the engine asks the inventory
     *     again, and one that is still there has failed
     * @throws BackupException of kind {@code EMPTY} if the source is reachable but holds nothing
     * @throws InterruptedException if asked to stop; the engine discards what was written
     */
    CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException;

    /**
     * Adds the source's own checks; the engine has done those of {@code STORED} and {@code CHECKSUM}.
     *
     * @param level {@link SourceProvider#verifiesFrom()}, or a level behind it
     */
    Verification verify(BackupReader backup, Level level, RunContext run) throws IOException, InterruptedException;

    /**
     * Restores. Nothing is touched before every byte that will be needed was read and checked; an existing thing is
     * replaced only with consent.
     *
     * @param backup what to restore; for {@link RestoreTarget.Undo} there is none and every call on it throws
     * @throws BackupException of kind {@code CONFIG} if the target does not fit or consent is missing
     */
    RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException;

    /** What another tool left that this source understands. */
    default List<Adoptable> adoptable(RunContext run) throws IOException, InterruptedException {
        return List.of();
    }

    /**
     * The backups that another program keeps in a store of its own and that this source can describe, in any order and
     * state; those already adopted among them.
     */
    default List<AdoptableRecord> adoptableRecords(RunContext run) throws IOException, InterruptedException {
        return List.of();
    }

    /**
     * Removes what restores have left that died, e.g. databases that were loaded half-way; nothing of one that is at work.
     *
     * @param request where to look is its target, a place or in place; consent is given unless it is a dry run
     */
    default RestoreReport cleanUp(RestoreRequest request, RunContext run) throws IOException, InterruptedException {
        return new RestoreReport(
                List.of(), List.of("Nothing: restores of this source leave nothing elsewhere."), List.of(), List.of());
    }

    /**
     * Whether a backup may hold an item that its manifest does not list, e.g. one database out of a script of all of them. A
     * restore of it is then asked for, and refuses what it does not find.
     *
     * @param item its id
     */
    default boolean mayHold(Manifest manifest, String item) {
        return false;
    }

    /**
     * Frees what belongs to a backup outside the sink, before its objects are deleted; may be called again for the same
     * backup. Never called for a copy.
     */
    default void discard(BackupReader backup, RunContext run) throws IOException, InterruptedException {}

    /**
     * Frees what a run that never committed had made, or was about to make, outside the sink; may be called again.
     *
     * @param intended what the run announced by {@link ArtifactWriter#intend}
     */
    default void abandon(RunId dead, List<ExternalReference> intended, RunContext run)
            throws IOException, InterruptedException {}

    /** Releases connections and temporary files. Harmless when called twice. */
    @Override
    void close();
}
