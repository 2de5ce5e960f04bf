package cloud.lvs.backup.core.pipeline;

import java.io.IOException;
import java.io.OutputStream;

/** One codec on the way to the store. It neither closes nor flushes what it writes to. */
abstract class EncodingStage extends OutputStream {
    /** Writes what is still held back, and the trailer. Called at most once, after the last write. */
    abstract void finish() throws IOException;

    /** Frees memory and threads without writing anything, also on an interrupted thread. Harmless when called twice. */
    @Override
    public abstract void close();

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;
}
