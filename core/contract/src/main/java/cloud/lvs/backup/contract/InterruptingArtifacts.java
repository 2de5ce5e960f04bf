package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Interrupts a thread, once. A thread that is interrupted gets an {@link InterruptedException} before and behind the artifact
 * that it writes, as from the engine, and is not interrupted any more then; the stream itself does not look. Thread-safe.
 */
final class InterruptingArtifacts implements ArtifactWriter {
    /** Where in the first artifact it happens. */
    enum When {
        BEFORE_IT,
        AMID_IT
    }

    private final When when;
    private final Thread target;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final InMemoryArtifacts written = new InMemoryArtifacts();

    InterruptingArtifacts(When when, Thread target) {
        this.when = when;
        this.target = target;
    }

    @Override
    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
        if (when == When.BEFORE_IT) {
            interrupt();
        }
        return written.write(artifact, stream -> body.writeTo(new Unwatched(stream)));
    }

    @Override
    public void intend(ExternalReference reference) {
        written.intend(reference);
    }

    private void interrupt() {
        if (interrupted.compareAndSet(false, true)) {
            target.interrupt();
        }
    }

    /** Passes bytes on whether the thread is interrupted or not. */
    private final class Unwatched extends OutputStream {
        private final OutputStream stream;

        Unwatched(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            boolean pending = Thread.interrupted();
            stream.write(bytes, offset, length);
            if (pending) {
                Thread.currentThread().interrupt();
            }
            interrupt();
        }
    }
}
