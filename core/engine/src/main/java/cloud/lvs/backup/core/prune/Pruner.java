package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.counting.Counting;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.counting.PayloadSizes;
import cloud.lvs.backup.core.counting.StoredSizes;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Applies retention to the backups of a job in one sink, and removes what dead runs left: {@link Retention} decides what goes,
 * {@link BackupDeletion} deletes it.
 */
public final class Pruner {
    private final EngineContext engine;
    private final Job job;
    private final NamedSink sink;
    private final RetentionPolicy policy;
    private final Journal journal;
    private final BackupDeletion deletion;

    public Pruner(EngineContext engine, Job job, NamedSink sink, RetentionPolicy policy) {
        this.engine = engine;
        this.job = job;
        this.sink = sink;
        this.policy = policy;
        this.journal = new Journal(sink.sink());
        this.deletion = new BackupDeletion(engine, job, sink);
    }

    public PruneReport prune(Mode mode) throws IOException, InterruptedException {
        return prune(mode, Set.of());
    }

    /**
     * As above.
     *
     * @param suspects are looked at in any case
     */
    public PruneReport prune(Mode mode, Set<BackupId> suspects) throws IOException, InterruptedException {
        Catalog catalog = Catalog.of(journal, job.name());
        Instant now = engine.clock().instant();
        Counting counting = new Counting(job, sink, catalog);
        counting.look(catalog.entries().stream()
                .filter(entry -> suspects.contains(entry.id()))
                .toList());
        Retention retention = new Retention(counting, policy, job.staleAfter(), now);
        String skipped = retention.reasonToSkip();
        List<Decision> decisions = skipped.isEmpty() ? retention.decide() : List.of();
        Set<BackupId> drops = new TreeSet<>();
        for (Decision decision : decisions) {
            if (decision.verdict() == Verdict.DROP) {
                drops.add(decision.backup().id());
            }
        }
        List<Flaw> hidden = new ArrayList<>();
        List<String> sweepable = new ArrayList<>();
        if (!retention.clockIsBehind()) {
            for (BackupDirectory remains : catalog.remains()) {
                attempt(remains.id().directory(), () -> {
                    Clearance clearance = clearance(remains, now, retention, hidden);
                    if (mode == Mode.EXECUTE) {
                        clear(remains, clearance, now);
                    } else if (clearance.removes()) {
                        sweepable.add(remains.id().directory());
                    }
                });
            }
        }
        long freedBytes;
        if (mode == Mode.DRY_RUN) {
            List<CatalogEntry> dropped = catalog.entries().stream()
                    .filter(entry -> drops.contains(entry.id()))
                    .toList();
            freedBytes = new StoredSizes(sink.sink()).of(dropped).orElse(0);
        } else {
            for (BackupId id : drops) {
                attempt(id.toString(), () -> deletion.delete(id));
            }
            freedBytes = deletion.freedBytes();
        }
        hidden.addAll(counting.flaws());
        return PruneReport.of(job.name(), sink.name(), mode)
                .decisions(decisions)
                .skipped(skipped)
                .sweepable(sweepable)
                .flaws(hidden)
                .deleted(deletion.deleted())
                .swept(deletion.swept())
                .leftovers(deletion.leftovers())
                .locked(deletion.locked())
                .unreadable(deletion.unreadable())
                .freedBytes(freedBytes);
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** One directory that cannot be cleared must not keep the others. A sink that does not answer ends it all. */
    private void attempt(String what, Step step) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        try {
            step.run();
        } catch (BackupException e) {
            if (e.kind() == Kind.SINK || e.kind() == Kind.CREDENTIALS || e.kind() == Kind.LOCKED) {
                throw e;
            }
            deletion.leftovers().put(what, e.getMessage());
        }
    }

    /** What becomes of a directory that is no backup. */
    private enum Clearance {
        FINISH_DELETION,
        DELETE,
        SWEEP,
        WITHDRAW_DEAD_MARKS,
        LEAVE;

        boolean removes() {
            return this == FINISH_DELETION || this == DELETE || this == SWEEP;
        }
    }

    private void clear(BackupDirectory remains, Clearance clearance, Instant now)
            throws IOException, InterruptedException {
        switch (clearance) {
            case FINISH_DELETION -> deletion.finish(remains.id());
            case DELETE -> deletion.delete(remains.id());
            case SWEEP -> deletion.sweep(remains.id());
            case WITHDRAW_DEAD_MARKS -> deletion.withdrawDeadMarks(remains, now.minus(job.grace()));
            case LEAVE -> {}
        }
    }

    private Clearance clearance(BackupDirectory remains, Instant now, Retention retention, List<Flaw> hidden)
            throws IOException, InterruptedException {
        if (remains.isDeleting()) {
            return Clearance.FINISH_DELETION;
        }
        if (remains.hasBegun() && remains.isCommitted()) {
            return clearanceOfMarked(remains, retention, hidden);
        }
        if (hasLostItsBeginning(remains)) {
            deletion.leftovers()
                    .put(
                            remains.id().toString(),
                            "is whole but for begun.json, which the store has lost: it is neither listed nor swept; put an"
                                    + " empty object of that name beside its manifest to have it back");
            return Clearance.LEAVE;
        }
        return remains.began().isBefore(now.minus(job.grace())) ? Clearance.SWEEP : Clearance.LEAVE;
    }

    /**
     * A sweep removes {@code begun} first, but its mark stands until the payload and {@code SHA256SUMS} are gone, so that this is no
     * remains of one. What is adopted keeps its payload through a sweep, which tells nothing then.
     */
    private boolean hasLostItsBeginning(BackupDirectory remains) throws IOException, InterruptedException {
        Optional<ObjectKey> key = remains.committedKey();
        if (remains.hasBegun() || !remains.isCommitted() || !remains.marks().isEmpty() || key.isEmpty()) {
            return false;
        }
        try {
            ManifestReader.Found found = new ManifestReader(job, sink).find(remains.id(), key.get());
            if (!found.fitsSums() || found.manifest().outcome() == Outcome.ADOPTED) {
                return false;
            }
            PayloadSizes sizes = new PayloadSizes(sink.sink());
            sizes.prepare(List.of(found.manifest()));
            for (StoredArtifact artifact : found.manifest().artifacts()) {
                if (!sizes.compare(artifact).isEmpty()) {
                    return false;
                }
            }
            return true;
        } catch (BackupException e) {
            if (e.kind() == Kind.VERIFICATION || e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** A run marks what the store kept otherwise than it was sent: that is not to come back. */
    private Clearance clearanceOfMarked(BackupDirectory marked, Retention retention, List<Flaw> hidden)
            throws IOException, InterruptedException {
        Counting alone = new Counting(job, sink, new Catalog(List.of(marked.entry()), List.of()));
        alone.look(List.of(marked.entry()));
        hidden.addAll(alone.flaws());
        if (alone.flaws().stream().noneMatch(Flaw::isLost)) {
            return Clearance.WITHDRAW_DEAD_MARKS;
        }
        return !marked.isHeld() && retention.reasonToSkip().isEmpty() && retention.isSuperseded(marked.id())
                ? Clearance.DELETE
                : Clearance.LEAVE;
    }
}
