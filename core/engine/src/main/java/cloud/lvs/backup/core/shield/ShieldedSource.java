package cloud.lvs.backup.core.shield;

import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.AdoptableRecord;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.util.List;

/** A source that discards, abandons and closes with a pending interrupt held back, and gives no null. */
public record ShieldedSource(Source source) implements Source {
    @Override
    public void discard(BackupReader backup, RunContext run) throws IOException, InterruptedException {
        Shield shield = Shield.raise();
        try {
            source.discard(backup, run);
        } finally {
            shield.lower();
        }
    }

    @Override
    public void abandon(RunId dead, List<ExternalReference> intended, RunContext run)
            throws IOException, InterruptedException {
        Shield shield = Shield.raise();
        try {
            source.abandon(dead, intended, run);
        } finally {
            shield.lower();
        }
    }

    @Override
    public void close() {
        Shield shield = Shield.raise();
        try {
            source.close();
        } finally {
            shield.lower();
        }
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        return Answers.listOf("source", source, "preflight", source.preflight(run));
    }

    @Override
    public List<Finding> audit(RunContext run) throws IOException, InterruptedException {
        return Answers.listOf("source", source, "audit", source.audit(run));
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        return Answers.listOf("source", source, "inventory", source.inventory(run));
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        return Answers.of("source", source, "capture", source.capture(out, run));
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        return Answers.of("source", source, "verify", source.verify(backup, level, run));
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        return Answers.of("source", source, "restore", source.restore(backup, request, run));
    }

    @Override
    public RestoreReport cleanUp(RestoreRequest request, RunContext run) throws IOException, InterruptedException {
        return Answers.of("source", source, "cleanUp", source.cleanUp(request, run));
    }

    @Override
    public boolean mayHold(Manifest manifest, String item) {
        return source.mayHold(manifest, item);
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) throws IOException, InterruptedException {
        return Answers.listOf("source", source, "adoptable", source.adoptable(run));
    }

    @Override
    public List<AdoptableRecord> adoptableRecords(RunContext run) throws IOException, InterruptedException {
        return Answers.listOf("source", source, "adoptableRecords", source.adoptableRecords(run));
    }
}
