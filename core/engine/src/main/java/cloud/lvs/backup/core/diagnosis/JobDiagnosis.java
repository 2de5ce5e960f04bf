package cloud.lvs.backup.core.diagnosis;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.Counting;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.pipeline.Encoder;
import cloud.lvs.backup.core.pipeline.ManifestSigner;
import cloud.lvs.backup.core.pipeline.ManifestVerifier;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Looks whether a run of a job could succeed, and a restore after it; changes nothing. */
public final class JobDiagnosis {
    private static final int PROBE_BYTES = 4 << 10;

    private final EngineContext engine;
    private final Job job;
    private final DiagnosticSteps found;

    public JobDiagnosis(EngineContext engine, Job job) {
        this.engine = engine;
        this.job = job;
        this.found = new DiagnosticSteps("job " + job.name());
    }

    public DiagnosisReport examine() throws InterruptedException {
        found.attempt("source", this::lookAtTheSource);
        found.attempt("pipeline", this::tryThePipeline);
        tellEncryption();
        found.attempt("signing", this::tryTheSignature);
        found.attempt("catalog", this::readTheCatalog);
        return found.diagnosis();
    }

    private void lookAtTheSource() throws IOException, InterruptedException {
        BackupId none = new BackupId(job.name(), engine.clock().instant(), engine.newId());
        WorkContext context = WorkContext.reading(engine, none);
        try (Source source = job.openSource()) {
            boolean fit = found.attempt("preflight", () -> tellPreflight(source.preflight(context)));
            if (fit) {
                found.attempt("inventory", () -> tellItems(source.inventory(context)));
            }
            found.attempt("audit", () -> tellFindings("audit", source.audit(context)));
        } finally {
            context.warnings().forEach(warning -> found.warned("source", warning, ""));
        }
    }

    private void tellPreflight(List<Finding> findings) {
        tellFindings("preflight", findings);
        if (findings.isEmpty()) {
            found.passed("preflight", "nothing stands against a run");
        }
    }

    private void tellFindings(String check, List<Finding> findings) {
        for (Finding finding : findings) {
            String detail = finding.target() + ": " + finding.problem();
            switch (finding.severity()) {
                case ERROR -> found.failed(check, detail, finding.remedy(), finding.kind());
                case WARNING -> found.warned(check, detail, finding.remedy());
                case INFO -> found.passed(check, detail);
            }
        }
    }

    private void tellItems(List<Item> items) {
        long selected = 0;
        for (Item item : items) {
            String name = "item " + item.id();
            switch (item.state()) {
                case SELECTED -> {
                    selected++;
                    found.passed(
                            name, item.sizeBytes() == null ? "selected" : "selected, " + item.sizeBytes() + " bytes");
                }
                case EXCLUDED -> found.passed(name, "excluded: " + item.reason());
                case UNREACHABLE ->
                    found.failed(name, "unreachable: " + item.reason(), "mend that, or exclude it", Kind.SOURCE);
            }
        }
        int wanted = job.expectations().minItems();
        if (selected < wanted) {
            found.failed(
                    "inventory",
                    selected + " items are selected, the job expects at least " + wanted,
                    "look at what the source selects, or change expect.minItems",
                    selected == 0 ? Kind.EMPTY : Kind.SOURCE);
        }
    }

    private void tryThePipeline() throws IOException {
        List<String> codecs = job.pipeline().codecs();
        byte[] probe = new byte[PROBE_BYTES];
        for (int i = 0; i < probe.length; i++) {
            probe[i] = (byte) engine.random().nextInt(64);
        }
        var stored = new ByteArrayOutputStream();
        try (Encoder encoder = job.pipeline().encode(stored)) {
            encoder.write(probe);
            encoder.finish();
        }
        String done = codecs.isEmpty() ? "bytes are stored as they are" : String.join(", ", codecs);
        Optional<String> absent = job.pipeline().isUnencrypted() ? Optional.empty() : whyNoIdentity();
        if (absent.isPresent()) {
            found.passed("pipeline", done + "; " + absent.get() + ", so content is verified and restored elsewhere");
            return;
        }
        try (InputStream plain = job.pipeline()
                .decode(new ByteArrayInputStream(stored.toByteArray()), codecs, "what was just encrypted")) {
            if (!Arrays.equals(plain.readAllBytes(), probe)) {
                throw new BackupException(
                        Kind.FAILED, "pipeline", "does not give back what it was given", "report this");
            }
        }
        found.passed("pipeline", done + (codecs.contains("age") ? "; the identity file decrypts it" : ""));
    }

    /** A machine that only makes backups needs no identity, and had better not have one. */
    private Optional<String> whyNoIdentity() {
        return job.pipeline()
                .identityFile()
                .map(file -> Files.notExists(file)
                        ? Optional.of("the identity file " + file + " is not on this machine")
                        : Optional.<String>empty())
                .orElseGet(() -> Optional.of("no identity is configured here"));
    }

    private void tellEncryption() {
        if (job.pipeline().isUnencryptedOnPurpose()) {
            found.passed("encryption", "none, as configured: whoever reads the sink reads the backups");
        } else if (job.pipeline().isUnencrypted()) {
            found.warned(
                    "encryption",
                    "none: whoever reads the sink reads the backups, with the secrets in them",
                    "configure encryption with a recipient, or encryption: {type: none} if that is meant");
        }
    }

    private void tryTheSignature() throws BackupException {
        ManifestSigner signer = job.signing().signer();
        ManifestVerifier verifier = job.signing().verifier();
        byte[] probe = {1, 2, 3};
        if (signer != null) {
            byte[] signature = signer.sign(probe);
            if (verifier != null) {
                requireTrusted(verifier, probe, signature);
            }
            found.passed("signing", "manifests are signed" + (verifier == null ? "" : ", by a trusted key"));
        } else if (verifier != null) {
            try {
                verifier.verify(probe, new byte[0]);
            } catch (BackupException e) {
                if (e.kind() != Kind.VERIFICATION) {
                    throw e;
                }
            }
            found.passed("signing", "signatures are checked; none is made here");
        }
    }

    private static void requireTrusted(ManifestVerifier verifier, byte[] probe, byte[] signature)
            throws BackupException {
        try {
            verifier.verify(probe, signature);
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            throw new BackupException(
                    Kind.CREDENTIALS,
                    "private signing key",
                    "is none of those whose public keys are trusted, so each new backup would be refused",
                    "add its public key to publicKeyFiles",
                    e);
        }
    }

    private void readTheCatalog() throws IOException, InterruptedException {
        Counting counting = Counting.of(job, job.sink());
        int backups = counting.catalog().entries().size();
        String where = "sink " + job.sink().name() + " holds ";
        if (backups == 0) {
            found.warned("catalog", where + "no backup of this job yet", "run it, or adopt what an older job left");
            return;
        }
        Optional<CatalogEntry> newest = counting.newest();
        String count = where + backups + (backups == 1 ? " backup" : " backups");
        if (newest.isPresent()) {
            BackupSummary summary = newest.get().summary();
            found.passed(
                    "catalog",
                    count + ", the newest that counts of " + summary.timestamp() + " (" + summary.outcome() + ")");
        } else {
            found.warned("catalog", count + ", none of which counts", "run the job, and find out what became of these");
        }
        for (Flaw flaw : counting.flawsAbove(newest)) {
            found.warned("catalog", flaw.toString(), "");
        }
    }
}
