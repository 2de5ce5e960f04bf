package cloud.lvs.backup.core.shield;

import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.OutputStream;

/** An object whose write is aborted with a pending interrupt held back. */
record ShieldedWriter(ObjectWriter writer) implements ObjectWriter {
    @Override
    public OutputStream body() {
        return writer.body();
    }

    @Override
    public StoredObject commit() throws IOException, InterruptedException {
        return writer.commit();
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
