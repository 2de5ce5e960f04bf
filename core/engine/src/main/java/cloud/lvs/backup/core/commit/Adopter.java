package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalDocuments.Begun;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.LeftOut;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Verification;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the journal for what another tool stored: rule 8 of the journal's protocol. */
public final class Adopter {
    private static final int RUN_ID_LENGTH = 16;

    private final EngineContext engine;
    private final Job job;
    private final Sink sink;
    private final Journal journal;

    /** What one backup of the other tool consists of. */
    private record Find(BackupId id, Map<Adoptable.Member, StoredObject> objects, String missing, String remark) {
        List<ObjectKey> keys() {
            return objects.values().stream()
                    .map(object -> new ObjectKey(object.key()))
                    .toList();
        }
    }

    public Adopter(EngineContext engine, Job job) {
        this.engine = engine;
        this.job = job;
        this.sink = job.sink().sink();
        this.journal = new Journal(sink);
    }

    public AdoptReport adopt(Mode mode) throws IOException, InterruptedException {
        try (Source source = job.openSource()) {
            Instant now = engine.clock().instant();
            WorkContext context = WorkContext.reading(engine, new BackupId(job.name(), now, engine.newId()));
            // The payload first and the journal after: whoever made one of these objects had announced it before.
            LegacyObjects objects = list(source.adoptable(context));
            Map<String, BackupDirectory> claims = new LinkedHashMap<>();
            journal.scanAll(directory -> claims.put(directory.id().run().value(), directory));
            List<Candidate> candidates = new ArrayList<>();
            for (Find find : finds(objects)) {
                context.checkpoint();
                candidates.add(consider(source, find, claims, mode));
            }
            candidates.addAll(new RecordAdopter(engine, job).adopt(source.adoptableRecords(context), context, mode));
            return new AdoptReport(job.name(), candidates, leftOut(objects, claims));
        }
    }

    private LegacyObjects list(List<Adoptable> adoptables) throws IOException, InterruptedException {
        LegacyObjects objects = new LegacyObjects(adoptables);
        try (Stream<StoredObject> listing = sink.list("")) {
            listing.filter(object -> !object.key().startsWith(Journal.ROOT) && ObjectKey.isValid(object.key()))
                    .forEach(objects::add);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return objects;
    }

    private List<Find> finds(LegacyObjects objects) {
        return objects.groups().stream()
                .map(group -> {
                    String first = group.objects().values().iterator().next().key();
                    return new Find(
                            new BackupId(job.name(), group.timestamp(), derivedFrom(first)),
                            group.objects(),
                            String.join(", ", group.lacks()),
                            group.without().isEmpty() ? "" : "without " + String.join(", ", group.without()));
                })
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
    }

    /** What belongs to a run or an earlier adopt is no one's loss. */
    private static List<LeftOut> leftOut(LegacyObjects objects, Map<String, BackupDirectory> claims) {
        return objects.leftOut().entrySet().stream()
                .filter(left -> Arrays.stream(left.getKey().split("[^a-z0-9]+")).noneMatch(claims::containsKey))
                .map(left -> new LeftOut(new ObjectKey(left.getKey()), left.getValue()))
                .toList();
    }

    /** The same object always becomes the same backup, whoever adopts it. */
    private static RunId derivedFrom(String key) {
        return new RunId(Sha256.hexOf(key.getBytes(StandardCharsets.UTF_8)).substring(0, RUN_ID_LENGTH));
    }

    private Candidate consider(Source source, Find find, Map<String, BackupDirectory> claims, Mode mode)
            throws IOException, InterruptedException {
        Optional<String> claim = claimOn(find, claims);
        if (claim.isPresent()) {
            return new Candidate(find.id(), find.keys(), State.CLAIMED, claim.get());
        }
        if (!find.missing().isEmpty()) {
            return new Candidate(find.id(), find.keys(), State.REFUSED, "lacks " + find.missing());
        }
        if (mode == Mode.DRY_RUN) {
            return new Candidate(find.id(), find.keys(), State.PLANNED, find.remark());
        }
        try {
            String warnings = adopt(source, find);
            String remark = Stream.of(find.remark(), warnings)
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining("; "));
            return new Candidate(find.id(), find.keys(), State.ADOPTED, remark);
        } catch (BackupException e) {
            if (e.kind() == Kind.VERIFICATION || e.kind() == Kind.NOT_FOUND || e.kind() == Kind.FAILED) {
                return new Candidate(find.id(), find.keys(), State.REFUSED, e.getMessage());
            }
            throw e;
        }
    }

    private Optional<String> claimOn(Find find, Map<String, BackupDirectory> claims) {
        BackupDirectory own = claims.get(find.id().run().value());
        if (own != null) {
            boolean unfinished = own.id().equals(find.id())
                    && own.hasBegun()
                    && !own.isCommitted()
                    && !own.isDeleting()
                    && own.marks().isEmpty();
            return unfinished ? Optional.empty() : Optional.of("adopted as " + own.id());
        }
        // The key of an object that a run of ours wrote holds the id of that run.
        return find.keys().stream()
                .flatMap(key -> claims.values().stream()
                        .filter(directory ->
                                key.value().contains(directory.id().run().value())))
                .findFirst()
                .map(directory -> "belongs to " + directory.id());
    }

    private String adopt(Source source, Find find) throws IOException, InterruptedException {
        BackupId id = find.id();
        Instant began = engine.clock().instant();
        WorkContext context = new WorkContext(
                engine, id, null, List.of(), began.plus(job.grace().dividedBy(2)), null);
        journal.put(
                id,
                Plain.BEGUN,
                new Begun(Manifest.FORMAT_VERSION, JournalDocuments.Origin.ADOPT, id, engine.owner(), began, null));
        List<StoredArtifact> artifacts = new ArrayList<>();
        for (Map.Entry<Adoptable.Member, StoredObject> object : find.objects().entrySet()) {
            ObjectKey key = new ObjectKey(object.getValue().key());
            try (InputStream in = sink.open(key)) {
                artifacts.add(read(object.getKey(), key, in, artifacts.size(), context));
            } catch (BackupException e) {
                throw e.kind() == Kind.SINK ? ofThisObject(id, e) : e;
            }
        }
        Manifest manifest = describe(find, artifacts, List.of());
        Verification verification =
                source.verify(new StoredBackup(manifest, sink, job.pipeline()), Level.CONTENT, context);
        if (!verification.passed()) {
            throw new BackupException(
                    Kind.VERIFICATION, "backup " + id, failedChecks(verification), "it stays where it is, unadopted");
        }
        List<String> warnings = new ArrayList<>(context.warnings());
        verification.checks().stream()
                .filter(check -> check.status() == Check.Status.WARNED)
                .forEach(check -> warnings.add(check.name() + ": " + check.detail()));
        Manifest checked = describe(find, artifacts, warnings);
        Commit commit = new Commit(engine, job, job.sink(), id);
        commit.prepare(checked, context);
        commit.send(checked);
        return String.join("; ", warnings);
    }

    private static String failedChecks(Verification verification) {
        return verification.checks().stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(check -> check.name() + ": " + check.detail())
                .collect(Collectors.joining("; ", "", ""));
    }

    /** One object that cannot be read is its own affair; a store that does not answer is not. */
    private BackupException ofThisObject(BackupId id, BackupException e) throws IOException, InterruptedException {
        journal.requireAnswer(id, e);
        return new BackupException(Kind.FAILED, e.target(), e.problem(), e.remedy(), e);
    }

    private StoredArtifact read(
            Adoptable.Member member, ObjectKey key, InputStream in, int ordinal, WorkContext context)
            throws IOException, InterruptedException {
        long plainBytes = 0;
        StoredBytes stored = new StoredBytes(in);
        try (InputStream plain = job.pipeline().decode(stored, member.codecs(), "object " + key)) {
            byte[] buffer = new byte[128 << 10];
            for (int read = plain.read(buffer); read >= 0; read = plain.read(buffer)) {
                context.checkpoint();
                plainBytes += read;
            }
            stored.transferTo(OutputStream.nullOutputStream());
        }
        if (plainBytes == 0) {
            throw new BackupException(
                    Kind.VERIFICATION, "object " + key, "holds nothing", "it stays where it is, unadopted");
        }
        return StoredArtifact.builder(member.item(), member.role(), key)
                .ordinal(ordinal)
                .codecs(member.codecs())
                .plainBytes(plainBytes)
                .storedBytes(stored.count())
                .sha256(stored.sha256())
                .restoreHint(RestoreHint.of(
                        RestoreHint.fetch(sink, key),
                        job.pipeline().decodeCommand(member.codecs()),
                        member.restoreTail()))
                .build();
    }

    /** The same for everyone who adopts these objects: two at once must not leave the sums of one beside the other's. */
    private Manifest describe(Find find, List<StoredArtifact> artifacts, List<String> warnings) {
        Instant stored = find.objects().values().stream()
                .map(StoredObject::lastModified)
                .max(Comparator.naturalOrder())
                .orElse(find.id().timestamp());
        LinkedHashSet<String> items =
                artifacts.stream().map(StoredArtifact::item).collect(Collectors.toCollection(LinkedHashSet::new));
        return Manifest.builder(find.id(), job.sourceType())
                .outcome(Outcome.ADOPTED)
                .tool(engine.tool())
                .startedAt(find.id().timestamp())
                .finishedAt(stored)
                .items(items.stream()
                        .map(item -> ItemResult.done(item, Map.of()))
                        .toList())
                .artifacts(artifacts)
                .warnings(warnings)
                .build();
    }

    /** Digests and counts what the decoder reads. */
    private static final class StoredBytes extends FilterInputStream {
        private final MessageDigest digest;
        private long count;

        StoredBytes(InputStream in) {
            super(in);
            try {
                this.digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            if (read > 0) {
                digest.update(bytes, offset, read);
                count += read;
            }
            return read;
        }

        long count() {
            return count;
        }

        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
