package cloud.lvs.backup.spi;

import java.io.IOException;
import java.util.Objects;

/**
 * What an {@link ArtifactWriter} writes to has failed: the sink, or the pipeline in front of it. It ends the run, whatever the
 * source makes of it.
 *
 * <p>It is unchecked so that it passes through a {@code catch} of {@link IOException} or {@link BackupException}: these are the
 * source's own failures, this is none. A source lets it pass; what it has to clean up it cleans up in {@code finally}.
 */
public final class SinkFailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param cause what the sink threw; the operator is told of it */
    public SinkFailureException(IOException cause) {
        super(cause.getMessage(), cause);
    }

    /** What the sink threw. */
    @Override
    public synchronized IOException getCause() {
        return (IOException) Objects.requireNonNull(super.getCause());
    }
}
