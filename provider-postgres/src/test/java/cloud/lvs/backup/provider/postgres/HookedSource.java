package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A source in whose capture something happens once: when so many bytes of an item were written, or all of them. */
final class HookedSource implements Source {
    /** When the sink has the whole of it. */
    static final long ALL_BYTES = Long.MAX_VALUE;

    private final Source real;
    private final String item;
    private final long afterBytes;
    private final Runnable hook;
    private final AtomicBoolean done = new AtomicBoolean();

    HookedSource(Source real, String item, long afterBytes, Runnable hook) {
        this.real = real;
        this.item = item;
        this.afterBytes = afterBytes;
        this.hook = hook;
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        CaptureReport report = real.capture(
                new ArtifactWriter() {
                    @Override
                    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
                        if (!artifact.item().equals(item)) {
                            return out.write(artifact, body);
                        }
                        StoredArtifact stored = out.write(artifact, stream -> body.writeTo(new Hooked(stream)));
                        if (afterBytes == ALL_BYTES) {
                            reached();
                        }
                        return stored;
                    }

                    @Override
                    public void intend(ExternalReference reference) throws IOException, InterruptedException {
                        out.intend(reference);
                    }
                },
                run);
        if (!done.get()) {
            throw new AssertionError("the hook was never reached");
        }
        return report;
    }

    private void reached() {
        if (done.compareAndSet(false, true)) {
            hook.run();
        }
    }

    private final class Hooked extends FilterOutputStream {
        private long count;

        Hooked(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
            if (count >= afterBytes) {
                reached();
            }
        }
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        return real.preflight(run);
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        return real.inventory(run);
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        return real.verify(backup, level, run);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        return real.restore(backup, request, run);
    }

    @Override
    public void close() {
        real.close();
    }
}
