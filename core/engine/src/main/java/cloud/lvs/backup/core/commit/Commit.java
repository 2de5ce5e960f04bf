package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The moment a backup comes into being: rule 4 of the journal's protocol. {@link #prepare} may be followed by a clean-up,
 * {@link #send} never.
 */
public final class Commit {
    private final EngineContext engine;
    private final Job job;
    private final Journal journal;
    private final BackupId id;

    Commit(EngineContext engine, Job job, NamedSink sink, BackupId id) {
        this.engine = engine;
        this.job = job;
        this.journal = new Journal(sink.sink());
        this.id = id;
    }

    /** Writes what stands beside the manifest, and looks whether the run may still commit. */
    void prepare(Manifest manifest, WorkContext context) throws IOException, InterruptedException {
        byte[] content = journal.encode(manifest);
        byte[] sums = sums(manifest, name(manifest), content).getBytes(StandardCharsets.UTF_8);
        journal.put(id, Plain.SUMS, sums);
        if (!Arrays.equals(read(Plain.SUMS), sums)) {
            throw keepsOther(Plain.SUMS);
        }
        job.signing().sign(journal, id, content);
        ensureNotAbandoned();
        context.checkpoint();
    }

    /**
     * Writes the manifest; when this returns, the backup exists. Where the store proves to keep other bytes, the directory is
     * marked, so that nobody takes it for a backup.
     */
    void send(Manifest manifest) throws IOException, InterruptedException {
        byte[] content = journal.encode(manifest);
        JournalName name = name(manifest);
        @Nullable IOException failure = null;
        try {
            journal.put(id, name, content);
        } catch (IOException e) {
            // Its reply may be lost although the object is there.
            failure = e;
        }
        byte[] kept;
        try {
            kept = read(name);
        } catch (IOException e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e);
            throw failure;
        }
        if (!Arrays.equals(kept, content)) {
            BackupException lie = failure instanceof BackupException e && e.kind() == Kind.SINK ? e : keepsOther(name);
            abandon(lie);
            throw lie;
        }
        ensureNotAbandoned();
    }

    /** Without these a whole payload is worth little, and they are small. */
    private byte[] read(JournalName name) throws IOException, InterruptedException {
        try {
            return journal.readBytes(name.keyIn(id));
        } catch (BackupException e) {
            if (e.kind() == Kind.VERIFICATION) {
                return new byte[0];
            }
            if (e.kind() == Kind.NOT_FOUND) {
                throw new BackupException(
                        Kind.SINK,
                        "object " + name.keyIn(id),
                        "is not there although the store accepted it",
                        "this store does not keep what it is given; use another",
                        e);
            }
            throw e;
        }
    }

    private BackupException keepsOther(JournalName name) {
        return new BackupException(
                Kind.SINK,
                "object " + name.keyIn(id),
                "has other bytes in the store than were sent",
                "this store does not keep what it is given; use another");
    }

    private void abandon(BackupException lie) throws InterruptedException {
        try {
            journal.put(
                    id,
                    new JournalName.Abandoned(engine.newId().value()),
                    new Note(lie.getMessage(), engine.owner(), engine.clock().instant()));
        } catch (IOException e) {
            lie.addSuppressed(e);
        }
    }

    private static JournalName name(Manifest manifest) {
        return new JournalName.Committed(manifest.outcome(), manifest.shard());
    }

    private void ensureNotAbandoned() throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (!directory.hasBegun() || !directory.marks().isEmpty() || directory.isDeleting()) {
            throw new BackupException(
                    Kind.FAILED,
                    "run " + id,
                    "was swept by another process as dead before it could commit",
                    "raise grace above twice the longest run, and compare the clocks of the machines that run this job");
        }
    }

    /** As {@code sha256sum} writes it, for {@code sha256sum -c} from the root of the sink. */
    private String sums(Manifest manifest, JournalName name, byte[] content) {
        StringBuilder sums = new StringBuilder();
        for (StoredArtifact artifact : manifest.artifacts()) {
            sums.append(artifact.sha256()).append("  ").append(artifact.key()).append('\n');
        }
        return sums.append(Sha256.hexOf(content))
                .append("  ")
                .append(name.keyIn(id))
                .append('\n')
                .toString();
    }
}
