package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalDocuments.Begun;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.core.prune.BackupDeletion;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.spi.AdoptableRecord;
import cloud.lvs.backup.spi.AdoptableRecord.Content;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.SinkFailureException;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a backup of each record that a source offers of what another program keeps elsewhere.
 *
 * <p>The payload is ours, so it is announced by an intent as in a run. The run id begins with a digest of what is recorded, which
 * tells in one listing what was adopted before, and ends in letters of its own for each attempt: the remains of a dead attempt
 * are left to the sweep.
 */
public final class RecordAdopter {
    private static final int IDENTITY_LENGTH = 16;
    private static final int ATTEMPT_LENGTH = 8;

    private final EngineContext engine;
    private final Job job;
    private final Journal journal;

    RecordAdopter(EngineContext engine, Job job) {
        this.engine = engine;
        this.job = job;
        this.journal = new Journal(job.sink().sink());
    }

    /** @return what became of each record, oldest first */
    List<Candidate> adopt(List<AdoptableRecord> records, WorkContext context, Mode mode)
            throws IOException, InterruptedException {
        Map<String, BackupId> adopted = new HashMap<>();
        if (!records.isEmpty()) {
            journal.scan(job.name(), directory -> note(directory, adopted));
        }
        List<AdoptableRecord> oldestFirst = new ArrayList<>(records);
        oldestFirst.sort(Comparator.comparing(AdoptableRecord::timestamp).thenComparing(AdoptableRecord::identity));
        List<Candidate> candidates = new ArrayList<>();
        for (AdoptableRecord record : oldestFirst) {
            context.checkpoint();
            candidates.add(consider(record, adopted, mode));
        }
        return candidates;
    }

    private static void note(BackupDirectory directory, Map<String, BackupId> adopted) {
        String run = directory.id().run().value();
        if (directory.isLive() && run.length() == IDENTITY_LENGTH + ATTEMPT_LENGTH) {
            adopted.put(run.substring(0, IDENTITY_LENGTH), directory.id());
        }
    }

    private Candidate consider(AdoptableRecord record, Map<String, BackupId> adopted, Mode mode)
            throws IOException, InterruptedException {
        String identity =
                Sha256.hexOf(record.identity().getBytes(StandardCharsets.UTF_8)).substring(0, IDENTITY_LENGTH);
        BackupId planned = new BackupId(job.name(), record.timestamp(), new RunId(identity));
        Content content = record.content();
        if (content == null) {
            return candidate(
                    planned,
                    record,
                    record.state() == AdoptableRecord.State.IN_PROGRESS ? State.IN_PROGRESS : State.FAILED,
                    record.reason());
        }
        BackupId earlier = adopted.get(identity);
        if (earlier != null) {
            return candidate(earlier, record, State.CLAIMED, "adopted as " + earlier);
        }
        if (mode == Mode.DRY_RUN) {
            return candidate(planned, record, State.PLANNED, "");
        }
        BackupId id = new BackupId(job.name(), record.timestamp(), new RunId(identity + attempt()));
        write(id, record, content);
        return candidate(id, record, State.ADOPTED, "");
    }

    private static Candidate candidate(BackupId id, AdoptableRecord record, State state, String reason) {
        return new Candidate(id, List.of(), state, reason, record.facts());
    }

    private String attempt() {
        String letters = engine.newId().value() + "0".repeat(ATTEMPT_LENGTH);
        return letters.substring(0, ATTEMPT_LENGTH);
    }

    private void write(BackupId id, AdoptableRecord record, Content content) throws IOException, InterruptedException {
        Instant began = engine.clock().instant();
        WorkContext context = new WorkContext(
                engine, id, null, List.of(), began.plus(job.grace().dividedBy(2)), null);
        boolean sent = false;
        try {
            journal.put(
                    id,
                    Plain.BEGUN,
                    new Begun(Manifest.FORMAT_VERSION, JournalDocuments.Origin.ADOPT, id, engine.owner(), began, null));
            RunWriter writer = new RunWriter(engine, job, id, context);
            StoredArtifact stored = store(writer, content);
            Manifest manifest = describe(id, record, stored, context.warnings());
            Commit commit = new Commit(engine, job, job.sink(), id);
            commit.prepare(manifest, context);
            sent = true;
            commit.send(manifest);
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (!sent) {
                removeRemains(id, e);
            }
            throw e;
        }
    }

    private static StoredArtifact store(RunWriter writer, Content content) throws IOException, InterruptedException {
        try {
            return writer.write(content.artifact(), content.body());
        } catch (SinkFailureException e) {
            throw e.getCause();
        }
    }

    private Manifest describe(BackupId id, AdoptableRecord record, StoredArtifact stored, List<String> warnings) {
        return Manifest.builder(id, job.sourceType())
                .outcome(Outcome.ADOPTED)
                .tool(engine.tool())
                .startedAt(record.timestamp())
                .finishedAt(engine.clock().instant())
                .items(List.of(ItemResult.done(stored.item(), record.facts())))
                .artifacts(List.of(stored))
                .warnings(warnings)
                .build();
    }

    private void removeRemains(BackupId id, Exception failure) {
        boolean interrupted = Thread.interrupted();
        try {
            new BackupDeletion(engine, job, job.sink()).removeRemains(id);
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
