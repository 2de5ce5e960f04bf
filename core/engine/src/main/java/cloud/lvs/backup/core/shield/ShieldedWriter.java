package cloud.lvs.backup.core.shield;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** An object whose write is aborted with a pending interrupt held back. */
record ShieldedWriter(ObjectWriter writer) implements ObjectWriter {
    @Override
    public OutputStream body() {
        try {
            return Answers.of("sink", writer, "body", writer.body());
        } catch (BackupException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public StoredObject commit() throws IOException, InterruptedException {
        return Answers.ofSink(writer, "commit", writer::commit);
    }

    @Override
    public void close() throws IOException {
        Shield shield = Shield.raise();
        try {
            writer.close();
        } finally {
            shield.lower();
        }
    }
}
