package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads manifests, and tells whether they are as they were written. */
public final class ManifestReader {
    private final Job job;
    private final NamedSink sink;
    private final Journal journal;

    public ManifestReader(Job job, NamedSink sink) {
        this.job = job;
        this.sink = sink;
        this.journal = new Journal(sink.sink());
    }

    /** A manifest as it was found; what was checked is what is read. */
    public static final class Found {
        private final Journal journal;
        private final ObjectKey key;
        private final byte[] content;
        private final Check sums;
        private final Check check;

        private Found(Journal journal, ObjectKey key, byte[] content, Check sums, Check check) {
            this.journal = journal;
            this.key = key;
            this.content = content;
            this.sums = sums;
            this.check = check;
        }

        /** Whether it agrees with its line in {@code SHA256SUMS}. */
        public boolean fitsSums() {
            return sums.status() != Check.Status.FAILED;
        }

        /** Whether it agrees with its line in {@code SHA256SUMS} and, if the job asks for one, with its signature. */
        public Check check() {
            return check;
        }

        /** What it says. */
        public Manifest manifest() throws BackupException {
            return journal.decode(key, content, Manifest.class);
        }
    }

    /** The manifest of a live backup, proved by its checksum and, if the job asks for it, its signature. */
    public Manifest read(BackupId id) throws IOException, InterruptedException {
        Found found = find(id);
        if (found.check().status() == Check.Status.FAILED) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "manifest of " + id + " in sink " + sink.name(),
                    found.check().detail(),
                    "the store damaged it, or someone changed it: use another backup or a copy of this one; its payload"
                            + " may still be restored by hand");
        }
        return found.manifest();
    }

    /** The manifest of a live backup, with what is to be thought of it. */
    public Found find(BackupId id) throws IOException, InterruptedException {
        return find(id, key(id));
    }

    /** The same of a backup whose manifest is known to be there. */
    public Found find(BackupId id, ObjectKey key) throws IOException, InterruptedException {
        byte[] content = journal.readBytes(key);
        Check sums = compareWithSums(id, key, content);
        Check check =
                sums.status() == Check.Status.FAILED ? sums : job.signing().check(journal, id, content);
        return new Found(journal, key, content, sums, check);
    }

    private Check compareWithSums(BackupId id, ObjectKey key, byte[] content) throws IOException, InterruptedException {
        String sums;
        try {
            sums = new String(journal.readBytes(Plain.SUMS.keyIn(id)), StandardCharsets.UTF_8);
        } catch (BackupException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            return Check.failed("manifest", "SHA256SUMS is missing beside it");
        }
        return sums.lines().anyMatch((Sha256.hexOf(content) + "  " + key)::equals)
                ? Check.passed("manifest", "as it was committed")
                : Check.failed(
                        "manifest", "it is not the one that was committed: it does not fit SHA256SUMS beside it");
    }

    private ObjectKey key(BackupId id) throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (!directory.isLive()) {
            throw noSuchBackup(id);
        }
        return directory.committedKey().orElseThrow();
    }

    public BackupException noSuchBackup(BackupId id) {
        return new BackupException(
                Kind.NOT_FOUND,
                "backup " + id,
                "there is no such backup in sink " + sink.name(),
                "see the list command for those there are");
    }
}
