package cloud.lvs.backup.spi;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Where a source writes to. Callable from several threads at once; each call is one artifact.
 *
 * <p>A failure of the sink is a {@link SinkFailureException}, thrown by the stream that a body writes to as well, and sticky:
 * every later call throws it again. A source lets it pass.
 */
public interface ArtifactWriter {
    /**
     * Stores one artifact: it is kept when {@code body} returns and discarded when it throws. The body runs on the calling
     * thread.
     *
     * @return the artifact as the sink confirmed it, with the facts the body learnt
     * @throws IOException what {@code body} threw, unchanged; or that the run may not go on, or that the body wrote nothing
     * @throws SinkFailureException if the sink has failed, now or before, whatever {@code body} threw because of that
     * @throws InterruptedException if asked to stop; what was written is discarded
     */
    StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException;

    /**
     * Captures an item that is one artifact: as {@link #write}, with a failure of the item told in the result, so that the next
     * item can be tried.
     *
     * @return done, with the facts the body learnt; or failed, with what {@code body} threw, a {@link BackupException} with its
     *     kind and remedy
     * @throws IOException if the run may not go on: the thread is interrupted, the lock is lost
     * @throws SinkFailureException if the sink has failed
     * @throws InterruptedException if asked to stop
     */
    default ItemResult capture(Item item, Artifact artifact, Body body) throws IOException, InterruptedException {
        try {
            return ItemResult.done(item.id(), write(artifact, body).facts());
        } catch (BackupException e) {
            if (e.kind() == Kind.LOCKED || e.kind() == Kind.CANCELLED) {
                throw e;
            }
            return ItemResult.failed(item.id(), e);
        } catch (IOException e) {
            if (e instanceof ClosedByInterruptException
                    || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            return ItemResult.failed(item.id(), e.toString());
        }
    }

    /**
     * Records in the journal that something outside the sink is about to be made for this run; called before it is
     * made. If the run dies, {@link Source#abandon} is told of it.
     */
    void intend(ExternalReference reference) throws IOException, InterruptedException;
}
