package cloud.lvs.backup.core.pipeline;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes the plain bytes of one artifact and writes the stored ones. Made by {@link Pipeline#encode}; used from one thread.
 *
 * <p>Success is stated: only {@link #finish()} completes the stored bytes. {@link #close()} releases memory and threads,
 * writes nothing and works after any failure and on an interrupted thread; closed without {@code finish()}, the stored bytes
 * are a torso that no decoder accepts. The stream written to is never closed. {@link #flush()} does nothing, since forcing the
 * codecs to give out what they hold would make the result larger.
 *
 * <p>After the first failure every further call fails, so that a producer that swallows an exception cannot finish.
 */
public final class Encoder extends OutputStream {
    private final OutputStream stored;
    private final List<EncodingStage> stages;
    private final OutputStream head;
    private @Nullable Throwable failure;
    private State state = State.OPEN;

    private enum State {
        OPEN,
        FINISHED,
        CLOSED
    }

    /** @param stages in the order applied; each writes to the next and the last to {@code stored} */
    Encoder(List<EncodingStage> stages, OutputStream stored) {
        this.stored = stored;
        this.stages = List.copyOf(stages);
        this.head = stages.isEmpty() ? stored : stages.get(0);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireOpen();
        try {
            head.write(bytes, offset, length);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        requireOpen();
    }

    /**
     * Completes the stored bytes: writes what the codecs hold back and their trailers, and flushes the stream written to.
     *
     * @throws IOException if that fails, if anything failed before, or if this is finished or closed already
     */
    public void finish() throws IOException {
        requireOpen();
        try {
            for (EncodingStage stage : stages) {
                stage.finish();
            }
            stored.flush();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
        state = State.FINISHED;
    }

    /** Releases everything without completing anything. Harmless when called twice or after {@link #finish()}. */
    @Override
    public void close() {
        if (state != State.FINISHED) {
            state = State.CLOSED;
        }
        for (EncodingStage stage : stages) {
            stage.close();
        }
    }

    private void requireOpen() throws IOException {
        if (failure != null) {
            throw new IOException("the encoder failed before: " + failure.getMessage(), failure);
        }
        if (state != State.OPEN) {
            throw new IOException(state == State.FINISHED ? "the encoder is finished" : "the encoder is closed");
        }
    }
}
