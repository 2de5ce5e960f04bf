package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A source that goes wrong, or whose world changes, at one point: at the beginning of a verb, or at a byte of an artifact. */
public final class FaultySource implements Source {
    /** Where it goes wrong. */
    public enum Stage {
        PREFLIGHT,
        INVENTORY,
        CAPTURE,
        VERIFY,
        RESTORE,
        DISCARD,
        ABANDON
    }

    /** What happens there. */
    public enum Effect {
        /** Throws a {@link BackupException} of kind {@code SOURCE}. */
        FAIL,
        /** Interrupts the thread that called the source, as a signal handler would, and goes on until that is noticed. */
        INTERRUPT,
        /** Throws a {@link NoClassDefFoundError}, as a plugin built against another version would. */
        BREAK
    }

    private interface Wrong {
        void go(String where, Thread caller) throws BackupException;
    }

    private final Source source;
    private final Stage stage;
    private final Wrong wrong;
    private final int artifact;
    private final long offset;

    private FaultySource(Source source, Stage stage, Wrong wrong, int artifact, long offset) {
        this.source = source;
        this.stage = stage;
        this.wrong = wrong;
        this.artifact = artifact;
        this.offset = offset;
    }

    /** Goes wrong when the verb of {@code stage} is called, before it did anything. */
    public static FaultySource at(Stage stage, Effect effect, Source source) {
        return new FaultySource(source, stage, wrong(effect), 0, 0);
    }

    /**
     * Goes wrong in a capture.
     *
     * @param artifact in which artifact, by the order they are begun, from 1
     * @param offset after how many of its plain bytes; if it has fewer, before it would be kept
     */
    public static FaultySource atByte(int artifact, long offset, Effect effect, Source source) {
        return atByte(artifact, offset, wrong(effect), source);
    }

    /**
     * Does something to the world of the source in a capture, e.g. truncates the file that it reads.
     *
     * @param artifact in which artifact, by the order they are begun, from 1
     * @param offset after how many of its plain bytes; if it has fewer, before it would be kept
     */
    public static FaultySource atByte(int artifact, long offset, Runnable what, Source source) {
        return atByte(artifact, offset, (where, caller) -> what.run(), source);
    }

    private static FaultySource atByte(int artifact, long offset, Wrong wrong, Source source) {
        if (artifact < 1 || offset < 0) {
            throw new IllegalArgumentException("artifacts count from 1, bytes from 0");
        }
        return new FaultySource(source, Stage.CAPTURE, wrong, artifact, offset);
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        enter(Stage.PREFLIGHT);
        return source.preflight(run);
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        enter(Stage.INVENTORY);
        return source.inventory(run);
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        if (artifact == 0) {
            enter(Stage.CAPTURE);
            return source.capture(out, run);
        }
        return source.capture(new Writer(out, Thread.currentThread()), run);
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        enter(Stage.VERIFY);
        return source.verify(backup, level, run);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        enter(Stage.RESTORE);
        return source.restore(backup, request, run);
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) throws IOException, InterruptedException {
        return source.adoptable(run);
    }

    @Override
    public void discard(BackupReader backup, RunContext run) throws IOException, InterruptedException {
        enter(Stage.DISCARD);
        source.discard(backup, run);
    }

    @Override
    public void abandon(RunId dead, List<ExternalReference> intended, RunContext run)
            throws IOException, InterruptedException {
        enter(Stage.ABANDON);
        source.abandon(dead, intended, run);
    }

    @Override
    public void close() {
        source.close();
    }

    private void enter(Stage entered) throws BackupException {
        if (entered == stage) {
            wrong.go(stage.name(), Thread.currentThread());
        }
    }

    private static Wrong wrong(Effect effect) {
        return (where, caller) -> {
            switch (effect) {
                case FAIL ->
                    throw new BackupException(
                            Kind.SOURCE, "source", "injected failure in " + where, "none: this is a test");
                case INTERRUPT -> caller.interrupt();
                case BREAK -> throw new NoClassDefFoundError("injected in " + where);
            }
        };
    }

    private final class Writer implements ArtifactWriter {
        private final ArtifactWriter out;
        private final Thread caller;
        private final AtomicInteger begun = new AtomicInteger();

        Writer(ArtifactWriter out, Thread caller) {
            this.out = out;
            this.caller = caller;
        }

        @Override
        public StoredArtifact write(Artifact written, Body body) throws IOException, InterruptedException {
            if (begun.incrementAndGet() != artifact) {
                return out.write(written, body);
            }
            return out.write(written, plain -> {
                Stream stream = new Stream(plain);
                var facts = body.writeTo(stream);
                stream.goWrongOnce();
                return facts;
            });
        }

        @Override
        public void intend(ExternalReference reference) throws IOException, InterruptedException {
            out.intend(reference);
        }

        private final class Stream extends FilterOutputStream {
            private long left = offset;
            private boolean done;

            Stream(OutputStream out) {
                super(out);
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                int before = (int) Math.min(left, length);
                out.write(bytes, from, before);
                left -= before;
                if (before < length) {
                    goWrongOnce();
                    out.write(bytes, from + before, length - before);
                }
            }

            @Override
            public void close() throws IOException {
                flush();
            }

            void goWrongOnce() throws BackupException {
                if (!done) {
                    done = true;
                    wrong.go("artifact " + artifact + " at byte " + offset, caller);
                }
            }
        }
    }
}
