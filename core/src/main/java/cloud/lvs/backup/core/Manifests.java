package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads manifests, and tells whether they are as they were written. */
final class Manifests {
    private final Job job;
    private final Journal journal;

    Manifests(Job job, Sink sink) {
        this.job = job;
        this.journal = new Journal(sink);
    }

    /** A manifest as it was found; what was checked is what is read. */
    static final class Found {
        private final Journal journal;
        private final ObjectKey key;
        private final byte[] content;
        private final Check check;

        private Found(Journal journal, ObjectKey key, byte[] content, Check check) {
            this.journal = journal;
            this.key = key;
            this.content = content;
            this.check = check;
        }

        /** Whether it agrees with its line in {@code SHA256SUMS} and, if the job asks for one, with its signature. */
        Check check() {
            return check;
        }

        /** What it says. */
        Manifest manifest() throws BackupException {
            return journal.decode(key, content, Manifest.class);
        }
    }

    /** The manifest of a live backup, proved by its checksum and, if the job asks for it, its signature. */
    Manifest read(BackupId id) throws IOException, InterruptedException {
        Found found = find(id);
        if (found.check().status() == Check.Status.FAILED) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "manifest of " + id,
                    found.check().detail(),
                    "someone changed it after the backup was made; restore another backup, or by hand from SHA256SUMS");
        }
        return found.manifest();
    }

    /** The manifest of a live backup as it stands. */
    Manifest readUnchecked(BackupId id) throws IOException, InterruptedException {
        return journal.read(key(id), Manifest.class);
    }

    /** The manifest of a live backup, with what is to be thought of it. */
    Found find(BackupId id) throws IOException, InterruptedException {
        ObjectKey key = key(id);
        byte[] content = journal.readBytes(key);
        return new Found(journal, key, content, check(id, key, content));
    }

    private Check check(BackupId id, ObjectKey key, byte[] content) throws IOException, InterruptedException {
        String sums;
        try {
            sums = new String(journal.readBytes(Plain.SUMS.keyIn(id)), StandardCharsets.UTF_8);
        } catch (BackupException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            return Check.failed("manifest", "SHA256SUMS is missing beside it");
        }
        if (sums.lines().noneMatch((Commit.sha256(content) + "  " + key)::equals)) {
            return Check.failed("manifest", "it is not the one that was committed");
        }
        return job.signing().check(journal, id, content);
    }

    private ObjectKey key(BackupId id) throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (!directory.isLive()) {
            throw new BackupException(
                    Kind.NOT_FOUND,
                    "backup " + id,
                    "there is no such backup",
                    "see the list command for those there are");
        }
        return directory.manifestKey().orElseThrow();
    }
}
