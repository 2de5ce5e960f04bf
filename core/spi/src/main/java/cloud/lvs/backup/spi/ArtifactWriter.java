package cloud.lvs.backup.spi;

import java.io.IOException;

/**
 * Where a source writes to. Callable from several threads at once; each call is one artifact. A failure of the sink is
 * sticky: every later call throws it again.
 */
public interface ArtifactWriter {
    /**
     * Stores one artifact: it is kept when {@code body} returns and discarded when it throws.
     *
     * @return the artifact as the sink confirmed it, with the facts the body learnt
     * @throws IOException what {@code body} threw, or the failure of the sink
     * @throws InterruptedException if asked to stop; what was written is discarded
     */
    StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException;

    /**
     * Records in the journal that something outside the sink is about to be made for this run; called before it is
     * made. If the run dies, {@link Source#abandon} is told of it.
     */
    void intend(ExternalReference reference) throws IOException, InterruptedException;
}
