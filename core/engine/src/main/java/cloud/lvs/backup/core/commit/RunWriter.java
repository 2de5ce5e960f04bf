package cloud.lvs.backup.core.commit;

import static java.util.Objects.requireNonNull;

import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Intended;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.pipeline.DigestingOutputStream;
import cloud.lvs.backup.core.pipeline.Encoder;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkFailureException;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes the artifacts of one run: an intent, then the object through the pipeline, then the confirmation. A failure of the
 * sink, or of the pipeline, is remembered and thrown at every later call.
 */
public final class RunWriter implements ArtifactWriter {
    private static final long REPORT_EVERY_BYTES = 1 << 20;

    private final EngineContext engine;
    private final Job job;
    private final BackupId id;
    private final WorkContext context;
    private final Sink sink;
    private final Journal journal;
    private final Confirmation confirmation;

    private final Set<ObjectKey> keys = new HashSet<>();
    private final List<StoredArtifact> stored = new ArrayList<>();
    private final List<ExternalReference> external = new ArrayList<>();
    private final AtomicBoolean unencryptedNoted = new AtomicBoolean();
    private int intents;
    private @Nullable IOException sinkFailure;

    RunWriter(EngineContext engine, Job job, BackupId id, WorkContext context) {
        this.engine = engine;
        this.job = job;
        this.id = id;
        this.context = context;
        this.sink = job.sink().sink();
        this.journal = new Journal(sink);
        this.confirmation = new Confirmation(sink, job.confirm());
    }

    /** Once the sink has failed, that is what the run ends with, whatever the source made of it. */
    CaptureReport captureFrom(Source source) throws IOException, InterruptedException {
        try {
            CaptureReport report = source.capture(this, context);
            requireSink();
            return report;
        } catch (IOException | RuntimeException e) {
            Optional<IOException> failure = sinkFailure();
            if (failure.isEmpty()) {
                throw e;
            }
            IOException first = failure.get();
            if (!(e instanceof SinkFailureException)) {
                first.addSuppressed(e);
            }
            throw first;
        }
    }

    @Override
    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
        ObjectKey key = job.keys().keyOf(id, artifact, job.pipeline().extension());
        intend(key, artifact.role());
        StoredArtifact result = store(artifact, key, body);
        synchronized (this) {
            stored.add(result);
        }
        if (artifact.sensitivity() == Sensitivity.SECRET && job.pipeline().isUnencrypted()) {
            tellUnencrypted(artifact);
        }
        engine.tell(new Event.ArtifactStored(id.job(), result));
        return result;
    }

    private void tellUnencrypted(Artifact artifact) {
        if (!job.pipeline().isUnencryptedOnPurpose()) {
            context.warn("artifact " + artifact.role() + " gives the system away and is stored unencrypted;"
                    + " configure encryption with a recipient, or encryption: {type: none} if that is meant");
        } else if (unencryptedNoted.compareAndSet(false, true)) {
            engine.tell(new Event.Noted(
                    id.job(),
                    "secrets are stored unencrypted, as configured: whoever reads the sink has them, artifact "
                            + artifact.role() + " among them"));
        }
    }

    private void intend(ObjectKey key, String role) throws IOException, InterruptedException {
        int number;
        synchronized (this) {
            if (!keys.add(key)) {
                throw new BackupException(
                        Kind.FAILED,
                        "artifact " + role,
                        "would be stored under the key of another one, " + key,
                        "its provider has to give each artifact its own stem");
            }
            number = ++intents;
        }
        record(number, new Intended(key, null));
    }

    @Override
    public void intend(ExternalReference reference) throws IOException, InterruptedException {
        int number;
        synchronized (this) {
            external.add(reference);
            number = ++intents;
        }
        record(number, new Intended(null, reference));
    }

    private void record(int number, Intended intended) throws IOException, InterruptedException {
        context.checkpoint();
        requireSink();
        try {
            journal.put(id, new JournalName.Intent(number), intended);
        } catch (IOException e) {
            throw failed(e);
        }
        // What was announced too late must not come into being: its announcement may have been swept.
        context.checkpoint();
    }

    private StoredArtifact store(Artifact artifact, ObjectKey key, Body body) throws IOException, InterruptedException {
        try (ObjectWriter object = create(key)) {
            SinkStream sinkBytes = new SinkStream(bodyOf(object), key);
            DigestingOutputStream storedBytes = new DigestingOutputStream(sinkBytes);
            Map<String, String> facts;
            long plainBytes;
            try (Encoder encoder = encoderOver(storedBytes)) {
                PlainStream plain = new PlainStream(encoder);
                facts = factsOf(body, plain);
                plainBytes = plain.count;
                finish(encoder);
            }
            sinkBytes.reportRest();
            if (plainBytes == 0) {
                throw new BackupException(
                        Kind.SOURCE,
                        "artifact " + artifact.role() + " of item " + artifact.item(),
                        "is empty",
                        "look at its source; an empty file protects nothing");
            }
            context.checkpoint();
            requireSink();
            try {
                object.commit();
                confirmation.confirm(key, storedBytes.count(), storedBytes.sha256());
            } catch (IOException e) {
                throw failed(e);
            }
            List<String> codecs = job.pipeline().codecs();
            return StoredArtifact.builder(artifact.item(), artifact.role(), key)
                    .ordinal(artifact.ordinal())
                    .codecs(codecs)
                    .plainBytes(plainBytes)
                    .storedBytes(storedBytes.count())
                    .sha256(storedBytes.sha256())
                    .facts(facts)
                    .restoreHint(RestoreHint.of(
                            RestoreHint.fetch(sink, key), job.pipeline().decodeCommand(codecs), artifact.restoreTail()))
                    .build();
        }
    }

    /** What the body throws because the sink has failed, an exit code or a broken pipe, is not what failed. */
    private Map<String, String> factsOf(Body body, PlainStream plain) throws IOException, InterruptedException {
        try {
            return body.writeTo(plain);
        } catch (IOException | RuntimeException e) {
            Optional<IOException> failure = sinkFailure();
            if (failure.isEmpty() || e instanceof SinkFailureException) {
                throw e;
            }
            SinkFailureException told = new SinkFailureException(failure.get());
            told.addSuppressed(e);
            throw told;
        }
    }

    private Encoder encoderOver(OutputStream storedBytes) throws InterruptedException {
        try {
            return job.pipeline().encode(storedBytes);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void finish(Encoder encoder) {
        try {
            encoder.finish();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ObjectWriter create(ObjectKey key) throws InterruptedException {
        try {
            return sink.create(key, Map.of());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private OutputStream bodyOf(ObjectWriter object) {
        try {
            return object.body();
        } catch (UncheckedIOException e) {
            throw failed(requireNonNull(e.getCause()));
        }
    }

    private synchronized SinkFailureException failed(IOException e) {
        if (sinkFailure == null) {
            sinkFailure = e;
        }
        return new SinkFailureException(e);
    }

    /** @throws SinkFailureException if the sink has failed */
    void requireSink() {
        sinkFailure().ifPresent(failure -> {
            throw new SinkFailureException(failure);
        });
    }

    /** The first failure of the sink. */
    synchronized Optional<IOException> sinkFailure() {
        return Optional.ofNullable(sinkFailure);
    }

    /** What was stored, ascending by ordinal. */
    synchronized List<StoredArtifact> stored() {
        return stored.stream()
                .sorted(Comparator.comparingInt(StoredArtifact::ordinal).thenComparing(StoredArtifact::key))
                .toList();
    }

    /** What was announced outside the sink. */
    synchronized List<ExternalReference> external() {
        return List.copyOf(external);
    }

    /** Counts the plain bytes, and lets a run that was asked to stop stop. */
    private final class PlainStream extends FilterOutputStream {
        private long count;

        PlainStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                context.checkpoint();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("asked to stop").initCause(e);
            }
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw failed(e);
            }
            count += length;
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void close() {
            // The body does not end the artifact; returning from it does.
            flush();
        }
    }

    /** Reports what went through. */
    private final class SinkStream extends OutputStream {
        private final OutputStream out;
        private final ObjectKey key;
        private long unreported;

        SinkStream(OutputStream out, ObjectKey key) {
            this.out = out;
            this.key = key;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            unreported += length;
            if (unreported >= REPORT_EVERY_BYTES) {
                report();
            }
        }

        void reportRest() {
            if (unreported > 0) {
                report();
            }
        }

        private void report() {
            engine.progress().transferred(id.job(), key.value(), unreported);
            unreported = 0;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
